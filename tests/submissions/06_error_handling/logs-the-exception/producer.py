import logging
import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
try:
    producer = KafkaProducer(bootstrap_servers=servers, bootstrap_timeout_ms=5000, max_block_ms=5000)
    m = producer.send(topic, message.encode()).get(timeout=10)
except KafkaError:
    logging.exception("cannot send %d bytes to %s at %s", len(message), topic, servers)
    sys.exit(1)
print(f"{m.topic}-{m.partition}@{m.offset}")
