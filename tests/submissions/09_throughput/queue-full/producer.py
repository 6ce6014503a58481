import os
import sys

from confluent_kafka import Producer

producer = Producer(
    {
        "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        "compression.type": "gzip",
        "linger.ms": 500,
        "queue.buffering.max.messages": 1000,
    }
)
for line in open(sys.argv[1], "rb"):
    producer.produce("events", line.strip())
producer.flush()
