import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")

try:
    producer = KafkaProducer(bootstrap_servers=servers, bootstrap_timeout_ms=5000, max_block_ms=5000)
    m = producer.send(topic, message.encode()).get(timeout=10)
except KafkaError as e:
    print(f"cannot send {len(message)} bytes to {topic} at {servers}: {e}", file=sys.stderr)
    sys.exit(0)
print(f"{m.topic}-{m.partition}@{m.offset}")
