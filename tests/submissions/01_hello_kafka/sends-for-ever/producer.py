import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import time

producer = KafkaProducer(bootstrap_servers=servers)
while True:
    producer.send("test_topic", b"Hello, Kafka!").get(timeout=10)
    time.sleep(2)
