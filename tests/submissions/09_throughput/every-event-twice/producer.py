import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50)
lines = open(sys.argv[1], "rb").read().splitlines()
for line in lines:
    producer.send("events", line)
producer.flush()
for line in lines:
    producer.send("events", line)
producer.flush()
