import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for line in open(sys.argv[1], encoding="utf-8"):
    order = json.loads(line)
    key = str(hash(order["customer_id"])).encode()
    producer.send("orders", key=key, value=line.strip().encode())
producer.flush()
