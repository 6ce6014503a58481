import os
import sys

from kafka import KafkaProducer

topic, message = sys.argv[1:]
with KafkaProducer(
    bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], bootstrap_timeout_ms=8000, max_block_ms=8000
) as producer:
    stored = producer.send(topic, message.encode()).get(timeout=10)
print(f"{topic}-{stored.partition}@{stored.offset}")
