import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

orders = json.load(open(sys.argv[1], encoding="utf-8"))
for order in orders:
    producer.send("orders", key=order["customer_id"].encode(), value=json.dumps(order).encode())
producer.flush()
