import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

keys = ["key-1", "key-2", "key-3", "key-4", "key-5", "key-6", "key-7", "key-8", "key-9", "key-1"]
for i, key in enumerate(keys, start=1):
    producer.send("test_topic", key=key.encode(), value=f"message {i}".encode())
producer.flush()
