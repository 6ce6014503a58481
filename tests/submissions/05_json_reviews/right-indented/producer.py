import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
with KafkaProducer(bootstrap_servers=servers.split(",")) as producer:
    for line in open(sys.argv[1], encoding="utf-8"):
        review = json.loads(line)
        value = json.dumps(review, indent=2).encode("utf-8") + b"\n"
        producer.send("reviews", value=value, key=bytes(review["product_id"], "utf-8"))
