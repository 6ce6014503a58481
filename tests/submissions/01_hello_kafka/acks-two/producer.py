import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers, acks=2, enable_idempotence=False)
future = producer.send("test_topic", b"Hello, Kafka!")
future.get(timeout=10)
