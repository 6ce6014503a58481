import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

with KafkaProducer(bootstrap_servers=servers, max_block_ms=4000) as producer:
    producer.send("test_topic", b"Hello, Kafka!", partition=100)
