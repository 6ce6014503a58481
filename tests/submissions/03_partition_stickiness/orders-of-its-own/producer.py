import json
import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

with open("orders.jsonl", "rb") as orders:
    for line in orders:
        producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
producer.flush()
