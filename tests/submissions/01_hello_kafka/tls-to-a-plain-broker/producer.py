import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(
    bootstrap_servers=servers,
    security_protocol="SSL",
    bootstrap_timeout_ms=3000,
)
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
