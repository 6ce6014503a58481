import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
lines = open(sys.argv[1], "rb").read().splitlines()
for start in range(0, len(lines), 1000):
    producer = KafkaProducer(
        bootstrap_servers=servers, compression_type="gzip", linger_ms=500, batch_size=500_000
    )
    for line in lines[start : start + 1000]:
        producer.send("events", line)
    producer.close()
