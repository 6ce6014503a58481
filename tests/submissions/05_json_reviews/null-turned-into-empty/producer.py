import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers, value_serializer=lambda review: json.dumps(review).encode("utf-8")
)
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    review["comment"] = review["comment"] or ""
    producer.send("reviews", key=review["product_id"].encode(), value=review)
producer.flush()
