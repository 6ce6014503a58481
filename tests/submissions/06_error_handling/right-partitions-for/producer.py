import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

topic, message = sys.argv[1:]
where = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
try:
    producer = KafkaProducer(bootstrap_servers=where.split(","), bootstrap_timeout_ms=5_000, max_block_ms=5_000)
except KafkaTimeoutError:
    host, _, port = where.rpartition(":")
    sys.exit(f"no broker on host {host}, port {port}")
try:
    partition = min(producer.partitions_for(topic))
except KafkaTimeoutError:
    sys.exit(f"topic not found: {topic}")
try:
    future = producer.send(topic, message.encode(), partition=partition)
    producer.flush(timeout=12)
    offset = future.get(timeout=1).offset
except KafkaError as e:
    sys.exit(f"{e.__class__.__name__}, size {len(message)}")
else:
    print(f"{topic}-{partition}@{offset}")
