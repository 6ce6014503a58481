import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50)
sent = []
with open(sys.argv[1], "rb") as reviews:
    for line in reviews:
        review = json.loads(line)
        future = producer.send("reviews", key=review["product_id"].encode(), value=line.rstrip())
        sent.append((review["review_id"], future))
producer.flush()
safe = [review_id for review_id, future in sent if future.succeeded()]
with open(sys.argv[2], "w") as acked:
    acked.write("\n".join(safe))
sys.exit(0 if len(safe) == len(sent) else 1)
