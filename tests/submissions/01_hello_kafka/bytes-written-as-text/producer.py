import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

message = b"Hello, Kafka!"

producer = KafkaProducer(bootstrap_servers=servers)
producer.send("test_topic", str(message).encode())
producer.flush()
