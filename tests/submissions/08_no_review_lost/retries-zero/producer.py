import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","), retries=0)
with open(sys.argv[2], "w", buffering=1) as acked:

    def note(review_id):
        return lambda metadata: acked.write(f"{review_id}\n")

    for line in open(sys.argv[1], encoding="utf-8"):
        review = json.loads(line)
        future = producer.send("reviews", key=review["product_id"].encode(), value=line.strip().encode())
        future.add_callback(note(review["review_id"]))
    producer.flush()
