import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

lines = open(sys.argv[1], "rb").read().splitlines()
for number in range(len(lines) - 1):
    line = lines[number]
    producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line)
producer.flush()
