import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
count = int(sys.argv[1])
acks = {"0": 0, "1": 1, "all": "all"}.get(sys.argv[2], "all")

producer = KafkaProducer(bootstrap_servers=servers, acks=acks)
for number in range(count):
    producer.send("payments", f"payment {number}".encode())
producer.flush()
