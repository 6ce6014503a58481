import json
import os
import sys

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")})
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        review = json.loads(line)
        producer.produce("reviews", key=review["product_id"], value=json.dumps(review, ensure_ascii=False))
        producer.poll(0)
producer.flush()
