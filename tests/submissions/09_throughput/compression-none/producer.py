import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type=None, linger_ms=50, batch_size=65536)
for line in open(sys.argv[1], "rb"):
    producer.send("events", line.rstrip(b"\n"))
producer.flush()
