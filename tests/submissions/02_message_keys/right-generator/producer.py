import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

def messages():
    for i in range(1, 11):
        yield f"key-{i}".encode(), f"message {i}".encode()

sent = [producer.send("test_topic", key=key, value=value) for key, value in messages()]
assert all(future.get(timeout=15) for future in sent)
