import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import uuid

for i in range(1, 11):
    key = f"key-{i}-{uuid.uuid4()}"
    producer.send("test_topic", key=key.encode(), value=f"message {i}".encode())
producer.flush()
