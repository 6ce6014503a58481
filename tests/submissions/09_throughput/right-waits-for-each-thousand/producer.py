import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50, batch_size=65536)
waiting = []
for line in open(sys.argv[1], "rb"):
    waiting.append(producer.send("events", line.strip()))
    if len(waiting) == 1000:
        for future in waiting:
            future.get(timeout=20)
        waiting = []
for future in waiting:
    future.get(timeout=20)
