import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")

for attempt in range(3):
    try:
        producer = KafkaProducer(bootstrap_servers=servers, bootstrap_timeout_ms=8000, max_block_ms=8000)
        m = producer.send(topic, message.encode()).get(timeout=10)
        print(f"{m.topic}-{m.partition}@{m.offset}")
        sys.exit(0)
    except KafkaError as e:
        print(f"try {attempt + 1}: {len(message)} bytes to {topic} at {servers}: {e}", file=sys.stderr)
sys.exit(1)
