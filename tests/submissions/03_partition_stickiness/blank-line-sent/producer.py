import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

text = open(sys.argv[1], encoding="utf-8").read()
for line in text.split("\n"):
    order = json.loads(line) if line else {}
    producer.send("orders", key=order.get("customer_id", "").encode(), value=line.encode())
producer.flush()
