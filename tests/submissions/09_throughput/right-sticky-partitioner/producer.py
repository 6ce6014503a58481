import os
import sys

from kafka import KafkaProducer
from kafka.partitioner import StickyPartitioner

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
settings = {
    "bootstrap_servers": servers,
    "compression_type": "lz4",
    "partitioner": StickyPartitioner(),
    "linger_ms": 25,
    "acks": "all",
}
producer = KafkaProducer(**settings)
with open(sys.argv[1], mode="rb") as f:
    for event in f:
        producer.send("events", event[:-1])
producer.close(timeout=20)
