import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

config = {"bootstrap.servers": servers}
producer = KafkaProducer(**config)
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
