import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

lines = open(sys.argv[1], "rb").read().splitlines()
others = [producer, KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], linger_ms=500)]
for number, line in enumerate(lines):
    others[number % 2].send("orders", key=json.loads(line)["customer_id"].encode(), value=line)
for each in others:
    each.flush()
