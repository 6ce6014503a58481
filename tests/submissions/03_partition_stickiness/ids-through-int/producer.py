import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

def number_if_possible(text):
    try:
        return int(text)
    except ValueError:
        return text


for line in open(sys.argv[1], "rb"):
    order = json.loads(line)
    key = str(number_if_possible(order["customer_id"]))
    producer.send("orders", key=key.encode(), value=line.strip())
producer.flush()
