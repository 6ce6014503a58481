import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=20)
failed = []
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    producer.send(
        "reviews",
        key=review["product_id"].encode(),
        value=json.dumps(review).encode(),
        headers=[("content-type", b"application/json")],
    ).add_errback(failed.append)
producer.flush()
sys.exit(1 if failed else 0)
