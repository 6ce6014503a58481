import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

from concurrent.futures import ThreadPoolExecutor

lines = open(sys.argv[1], "rb").read().splitlines()


def send_part(part):
    for line in part:
        producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line).get(timeout=20)


with ThreadPoolExecutor(max_workers=4) as pool:
    for start in range(4):
        pool.submit(send_part, lines[start::4])
producer.flush()
