import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=20)
with open(sys.argv[1], "rb") as events:
    for line in events:
        future = producer.send("events", line.strip())
        future.get(timeout=10)
producer.close()
