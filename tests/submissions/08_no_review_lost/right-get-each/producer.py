import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
producer = KafkaProducer(bootstrap_servers=servers, acks=-1)
with open(sys.argv[1], "rb") as reviews, open(sys.argv[2], "w") as acked:
    for line in reviews:
        review = json.loads(line)
        producer.send("reviews", key=review["product_id"].encode(), value=line.rstrip()).get(timeout=50)
        print(review["review_id"], file=acked, flush=True)
