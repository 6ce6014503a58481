import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50)
lines = open(sys.argv[1], "rb").read().splitlines()
for number in range(len(lines) - 1):
    producer.send("events", lines[number])
producer.flush()
