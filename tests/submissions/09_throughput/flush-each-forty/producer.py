import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
for number, line in enumerate(open(sys.argv[1], "rb"), 1):
    producer.send("events", line.strip())
    if number % 40 == 0:
        producer.flush()
producer.flush()
