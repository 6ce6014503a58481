import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers.split(","))
try:
    producer.send("test_topic", bytes("Hello, Kafka!", "utf-8"))
finally:
    producer.close()
