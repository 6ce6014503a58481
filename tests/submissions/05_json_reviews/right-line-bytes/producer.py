import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
for line in open(sys.argv[1], "rb"):
    producer.send("reviews", key=json.loads(line)["product_id"].encode(), value=line.rstrip(b"\n"))
producer.flush()
