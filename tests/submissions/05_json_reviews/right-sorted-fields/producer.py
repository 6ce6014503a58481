import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, key_serializer=lambda key: key.encode())
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    value = json.dumps(review, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    producer.send("reviews", value.encode("utf-8"), review["product_id"])
producer.close()
