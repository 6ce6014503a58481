import json
import os
import sys

from kafka import KafkaProducer


def send(line):
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
    producer = KafkaProducer(bootstrap_servers=servers, linger_ms=100)
    future = producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
    future.get(timeout=10)
    producer.close()


for line in open(sys.argv[1], "rb"):
    send(line)
