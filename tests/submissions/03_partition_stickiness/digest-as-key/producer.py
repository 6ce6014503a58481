import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import hashlib

for line in open(sys.argv[1], "rb"):
    customer = json.loads(line)["customer_id"]
    producer.send("orders", key=hashlib.md5(customer.encode()).hexdigest().encode(), value=line.strip())
producer.flush()
