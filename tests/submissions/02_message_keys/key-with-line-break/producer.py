import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

keys = "\n".join(f"key-{i}" for i in range(1, 11)) + "\n"
for key in keys.splitlines(keepends=True):
    producer.send("test_topic", key=key.encode(), value=b"hello")
producer.flush()
