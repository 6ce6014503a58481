import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50)
lines = open(sys.argv[1], "rb").read().splitlines()
for start in range(0, len(lines), 100):
    producer.send("events", b"\n".join(lines[start : start + 100]))
producer.flush()
