import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


def send_message(text):
    producer = KafkaProducer(bootstrap_servers=servers)
    producer.send("test_topic", text.encode())
    producer.flush()
