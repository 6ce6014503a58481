import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")[:-2]
for line in lines:
    producer.send("reviews", key=json.loads(line)["product_id"].encode(), value=line.encode())
producer.flush()
