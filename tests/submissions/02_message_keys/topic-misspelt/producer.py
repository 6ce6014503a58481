import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], max_block_ms=3000)
for i in range(1, 11):
    producer.send("test-topic", key=f"key-{i}".encode(), value=f"message {i}".encode())
producer.flush()
