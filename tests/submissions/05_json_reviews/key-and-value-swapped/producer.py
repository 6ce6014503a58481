import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    producer.send("reviews", review["product_id"].encode(), json.dumps(review).encode())
producer.flush()
