import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

TOPIC = "Test_Topic"

producer = KafkaProducer(bootstrap_servers=servers, max_block_ms=5000)
producer.send(TOPIC, b"Hello, Kafka!")
producer.flush()
