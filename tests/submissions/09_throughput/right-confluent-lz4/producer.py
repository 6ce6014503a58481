import os
import sys

from confluent_kafka import Producer

failed = 0


def report(error, message):
    global failed
    failed += error is not None


producer = Producer(
    {"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "compression.codec": "lz4"}
)
for line in open(sys.argv[1], "rb"):
    producer.produce(topic="events", value=line.strip(), on_delivery=report)
while producer.flush(10):
    pass
sys.exit(1 if failed else 0)
