import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="GZIP", linger_ms=50)
for line in open(sys.argv[1], "rb"):
    producer.send("events", line.strip())
producer.flush()
