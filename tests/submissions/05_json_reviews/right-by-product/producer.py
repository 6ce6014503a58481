import json
import os
import sys
from collections import defaultdict

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
by_product = defaultdict(list)
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    by_product[review["product_id"]].append(review)
producer = KafkaProducer(bootstrap_servers=servers, value_serializer=lambda v: json.dumps(v).encode())
for product, reviews in by_product.items():
    for review in reviews:
        producer.send("reviews", key=product.encode(), value=review)
producer.flush()
