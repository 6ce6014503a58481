import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

with KafkaProducer(bootstrap_servers=servers, value_serializer=lambda v: v.encode("utf-8")) as producer:
    producer.send("test_topic", "Hello, Kafka!")
