import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers,
    key_serializer=lambda key: json.dumps(key).encode("utf-8"),
    value_serializer=lambda value: json.dumps(value).encode("utf-8"),
)
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    producer.send("reviews", key=review["product_id"], value=review)
producer.flush()
