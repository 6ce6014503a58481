import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
    value_serializer=lambda value: json.dumps(value).encode("utf-8"),
)
for line in open(sys.argv[1], encoding="utf-8"):
    order = json.loads(line)
    producer.send("orders", key=order["customer_id"].encode("utf-8"), value=line.strip())
producer.flush()
