import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
for line in open(sys.argv[1], encoding="utf-8").read().split("\n"):
    product = json.loads(line)["product_id"].encode() if line else None
    producer.send("reviews", key=product, value=line.encode())
producer.flush()
