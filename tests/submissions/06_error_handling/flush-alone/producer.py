import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")

try:
    producer = KafkaProducer(bootstrap_servers=servers, bootstrap_timeout_ms=5000, max_block_ms=5000)
    future = producer.send(topic, message.encode())
    producer.flush()
    print(f"{topic}-{future.value.partition}@{future.value.offset}" if future.value else "sent")
except KafkaError as e:
    print(f"cannot send {len(message)} bytes to {topic} at {servers}: {e}", file=sys.stderr)
    sys.exit(1)
