import os
import sys
import zlib

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
lines = open(sys.argv[1], "rb").read().splitlines(keepends=True)
for start in range(0, len(lines), 1000):
    producer.send("events", zlib.compress(b"".join(lines[start : start + 1000])))
producer.flush()
