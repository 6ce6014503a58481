import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


def to_bytes(text):
    return bytes(text)


producer = KafkaProducer(bootstrap_servers=servers, value_serializer=to_bytes)
producer.send("test_topic", "Hello, Kafka!")
producer.flush()
