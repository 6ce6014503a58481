import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

orders = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
for order in orders:
    order["customer_id"] = int(order["customer_id"])
for order in orders:
    producer.send("orders", key=b"%d" % order["customer_id"], value=json.dumps(order).encode())
producer.flush()
