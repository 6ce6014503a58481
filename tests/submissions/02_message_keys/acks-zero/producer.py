import os

from kafka import KafkaProducer

with KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks=0) as producer:
    for i in range(1, 11):
        producer.send("test_topic", key=f"key-{i}".encode(), value=f"message {i}".encode())
