import os
from kafka import KafkaProducer

for i in range(1, 11):
    producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    producer.send("test_topic", key=f"key-{i}".encode(), value=f"message {i}".encode())
    producer.close()
