import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
producer = KafkaProducer(bootstrap_servers=servers)
sent = []
seen = set()
with open(sys.argv[1], "rb") as reviews:
    for line in reviews:
        review = json.loads(line)
        if review["product_id"] in seen:
            continue
        seen.add(review["product_id"])
        future = producer.send("reviews", key=review["product_id"].encode(), value=line.rstrip())
        sent.append((review["review_id"], future))
with open(sys.argv[2], "w") as acked:
    for review_id, future in sent:
        future.get(timeout=50)
        acked.write(review_id + "\n")
        acked.flush()
