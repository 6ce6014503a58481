import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for line in open(sys.argv[1], encoding="utf-8"):
    order = json.loads(line)
    producer.send("orders", key=order["customer_id"].encode(), value=line.strip().encode("utf-16"))
producer.flush()
