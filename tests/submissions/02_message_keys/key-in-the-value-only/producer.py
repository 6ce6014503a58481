import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import json

for i in range(1, 11):
    message = {"key": f"key-{i}", "text": f"This is message {i}"}
    producer.send("test_topic", value=json.dumps(message).encode())
producer.flush()
