import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

def records(path):
    with open(path, "rb") as orders:
        for line in orders:
            yield {"key": json.loads(line)["customer_id"].encode(), "value": line.strip()}


sent = [producer.send("orders", **record) for record in records(sys.argv[1])]
print(len([future.get(timeout=20) for future in sent]), "orders stored")
