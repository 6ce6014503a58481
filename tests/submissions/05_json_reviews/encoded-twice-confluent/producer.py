import json
import os
import sys

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
for line in open(sys.argv[1], encoding="utf-8"):
    product = json.loads(line)["product_id"]
    producer.produce("reviews", key=product, value=json.dumps(line))
producer.flush()
