import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

topic, message = sys.argv[1:]
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
try:
    with KafkaProducer(bootstrap_servers=servers, bootstrap_timeout_ms=9000, max_block_ms=9000) as producer:
        where = producer.send(topic, message.encode()).get(timeout=10)
except KafkaError as error:
    sys.exit(f"{type(error).__name__}: {len(message.encode())} bytes, topic {topic!r}, servers {servers}")
print(where.topic, where.partition, sep="-", end=f"@{where.offset}\n")
