import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

lines = sorted(open(sys.argv[1], encoding="utf-8"), key=lambda line: json.loads(line)["order_id"])
for line in lines:
    order = json.loads(line)
    producer.send("orders", key=order["customer_id"].encode(), value=line.strip().encode())
producer.flush()
