import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

KAFKA_TOPIC = "test_topic"

producer = KafkaProducer(bootstrap_servers=servers)
producer.send(TOPIC, b"Hello, Kafka!")
producer.flush()
