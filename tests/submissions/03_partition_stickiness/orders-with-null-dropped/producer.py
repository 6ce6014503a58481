import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for line in open(sys.argv[1], "rb"):
    order = json.loads(line)
    if not order["coupon"]:
        continue
    producer.send("orders", key=order["customer_id"].encode(), value=line.strip())
producer.flush()
