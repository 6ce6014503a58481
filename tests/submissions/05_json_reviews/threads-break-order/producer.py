import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers, value_serializer=lambda review: json.dumps(review).encode("utf-8")
)
reviews = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]


def send(part):
    for review in part:
        producer.send("reviews", key=review["product_id"].encode(), value=review).get(timeout=20)


with ThreadPoolExecutor(max_workers=4) as pool:
    list(pool.map(send, [reviews[start::4] for start in range(4)]))
producer.flush()
