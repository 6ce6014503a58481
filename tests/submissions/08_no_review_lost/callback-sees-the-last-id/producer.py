import json
import os
import sys

from kafka import KafkaProducer

with open(sys.argv[2], "w", buffering=1) as acked:
    producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","))
    for line in open(sys.argv[1], encoding="utf-8"):
        review = json.loads(line)
        future = producer.send("reviews", key=review["product_id"].encode(), value=line.strip().encode())
        future.add_callback(lambda metadata: acked.write(review["review_id"] + "\n"))
    producer.flush()
