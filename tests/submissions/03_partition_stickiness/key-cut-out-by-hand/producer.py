import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for line in open(sys.argv[1], encoding="utf-8"):
    customer = line.split('"customer_id": "')[1].split('"')[0]
    producer.send("orders", key=customer.encode(), value=line.strip().encode())
producer.flush()
