import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

topic, message = sys.argv[1], sys.argv[2]
try:
    producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    metadata = producer.send(topic, message.encode("utf-8")).get(timeout=10)
except KafkaError as error:
    print(f"Failed to send {len(message)} bytes to {topic}: {error}", file=sys.stderr)
    sys.exit(1)
print(f"{metadata.topic}-{metadata.partition}@{metadata.offset}")
