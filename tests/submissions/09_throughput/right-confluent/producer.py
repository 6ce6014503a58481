import os
import sys

from confluent_kafka import Producer

producer = Producer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        "compression.type": "zstd",
        "linger.ms": 100,
    }
)
with open(sys.argv[1], "rb") as events:
    for line in events:
        producer.produce("events", line.rstrip(b"\n"))
        producer.poll(0)
producer.flush()
