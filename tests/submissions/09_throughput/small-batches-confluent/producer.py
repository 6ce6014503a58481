import os
import sys

from confluent_kafka import Producer

settings = {
    "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
    "compression.type": "gzip",
    "batch.num.messages": 10,
}
producer = Producer(settings)
for line in open(sys.argv[1], "rb"):
    producer.produce("events", line.strip())
producer.flush()
