import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

failed = []


def check(error):
    failed.append(error)


for line in open(sys.argv[1], "rb"):
    future = producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
    future.add_errback(check)
producer.flush()
sys.exit(1 if failed else 0)
