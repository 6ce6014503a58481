import os

from kafka import KafkaProducer
from kafka.errors import NoBrokersAvailable

try:
    producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
    producer.send("test_topic", b"Hello, Kafka!")
    producer.flush()
except NoBrokersAvailable:
    print("No broker is there")
