import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import time

from kafka.errors import KafkaError

for attempt in range(5):
    try:
        producer = KafkaProducer(bootstrap_servers=servers, request_timeout_ms=20000)
        break
    except KafkaError:
        time.sleep(attempt)
else:
    raise SystemExit("no broker")

try:
    producer.send("test_topic", b"Hello, Kafka!").get(timeout=10)
except KafkaError as error:
    print("failed:", error)
    raise SystemExit(1)
raise SystemExit
