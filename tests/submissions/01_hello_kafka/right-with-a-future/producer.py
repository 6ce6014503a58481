import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

from kafka.errors import KafkaError

producer = KafkaProducer(bootstrap_servers=servers, acks="all")
try:
    metadata = producer.send("test_topic", b"Hello, Kafka!").get(timeout=10)
except KafkaError as error:
    raise SystemExit(f"Not sent: {error}")
print(metadata)
