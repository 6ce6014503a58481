import os
import sys

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "compression.type": "gzip"})
for number, line in enumerate(open(sys.argv[1], "rb"), 1):
    producer.produce("events", line.strip())
    if number % 40 == 0:
        producer.flush()
producer.flush()
