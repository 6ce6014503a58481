import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

with open(sys.argv[1], "rb") as orders:
    for line in orders:
        order = json.loads(line)
        producer.send("orders", key=order["customer_id"].encode(), value=line.strip())
producer.flush()
