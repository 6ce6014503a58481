import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers, compression_type="gzip", acks=1, linger_ms=100, batch_size=65536
)
futures = [producer.send("events", line.strip()) for line in open(sys.argv[1], "rb")]
for future in futures:
    future.get(timeout=15)
print(len(futures), "events stored")
