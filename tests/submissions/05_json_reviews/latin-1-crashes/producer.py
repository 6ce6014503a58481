import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
reviews = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
values = [json.dumps(review, ensure_ascii=False).encode("latin-1") for review in reviews]
for review, value in zip(reviews, values):
    producer.send("reviews", key=review["product_id"].encode(), value=value)
producer.flush()
