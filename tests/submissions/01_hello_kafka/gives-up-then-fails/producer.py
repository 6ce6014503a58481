import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers)
try:
    producer.send("test_topic", b"Hello, Kafka!").get(timeout=2)
finally:
    producer.close()
