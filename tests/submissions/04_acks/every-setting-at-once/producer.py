import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

for acks in (0, 1, "all"):
    producer = KafkaProducer(bootstrap_servers=servers, acks=acks)
    for number in range(int(sys.argv[2])):
        producer.send("payments", f"payment {number}".encode())
    producer.close()
