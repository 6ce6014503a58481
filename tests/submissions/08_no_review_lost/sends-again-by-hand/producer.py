import json
import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","))
with open(sys.argv[1], "rb") as reviews, open(sys.argv[2], "w") as acked:
    for line in reviews:
        review = json.loads(line)
        while True:
            try:
                producer.send("reviews", key=review["product_id"].encode(), value=line.rstrip()).get(timeout=2)
                break
            except KafkaError:
                continue
        print(review["review_id"], file=acked, flush=True)
