import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
count = int(sys.argv[2])
acks = 0 if sys.argv[1] == "0" else -1

producer = KafkaProducer(bootstrap_servers=servers, acks=acks)
for number in range(count):
    producer.send("payments", f"payment {number}".encode())
producer.flush()
