import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for line in open(sys.argv[1], "rb"):
    order = {name: value for name, value in json.loads(line).items() if value is not None}
    producer.send("orders", key=order["customer_id"].encode(), value=json.dumps(order).encode())
producer.flush()
