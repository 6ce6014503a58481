import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(
    bootstrap_servers=servers,
    value_serializer=lambda v: v.encode("utf-8"),
)
for message in "Hello, Kafka!":
    producer.send("test_topic", message)
producer.flush()
