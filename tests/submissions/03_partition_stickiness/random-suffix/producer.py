import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import random

for line in open(sys.argv[1], encoding="utf-8"):
    order = json.loads(line)
    key = f"{order['customer_id']}-{random.randint(1000, 9999)}"
    producer.send("orders", key=key.encode(), value=line.strip().encode())
producer.flush()
