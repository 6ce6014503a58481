import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, acks="all", retries=5)
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    value = json.dumps(review).encode("utf-8")
    place = producer.send("reviews", key=review["product_id"].encode("utf-8"), value=value).get(timeout=10)
    print(f"{place.topic}-{place.partition}@{place.offset}")
