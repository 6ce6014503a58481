import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for i in range(1, 11):
    producer.send("test_topic", f"key-{i}".encode(), b"hi")
producer.flush()
