import json
import os

from kafka import KafkaProducer


def send_file(path):
    producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    with open(path, "rb") as orders:
        for line in orders:
            producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
    producer.close()
