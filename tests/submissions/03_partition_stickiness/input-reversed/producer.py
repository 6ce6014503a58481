import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

lines = open(sys.argv[1], "rb").read().splitlines()
while lines:
    line = lines.pop()
    producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line)
producer.flush()
