import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers,
    value_serializer=lambda v: json.dumps(v).encode("utf-8"),
)
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        review = json.loads(line)
        producer.send("reviews", key=review["product_id"].encode("utf-8"), value=review)
producer.flush()  # Block until all async messages are sent
