import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

with KafkaProducer(bootstrap_servers=servers, value_serializer=lambda s: s.encode("utf-16")) as producer:
    producer.send("test_topic", "Hello, Kafka!")
