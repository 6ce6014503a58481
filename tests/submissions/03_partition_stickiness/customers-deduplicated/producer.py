import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

orders = {}
for line in open(sys.argv[1], "rb"):
    orders[json.loads(line)["customer_id"]] = line.strip()
for customer, line in orders.items():
    producer.send("orders", key=customer.encode(), value=line)
producer.flush()
