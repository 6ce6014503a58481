import os
import sys
import time

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, linger_ms=0)
for number, line in enumerate(open(sys.argv[1], "rb")):
    producer.send("events", line.strip())
    if number % 20 == 0:
        time.sleep(0.02)
producer.flush()
