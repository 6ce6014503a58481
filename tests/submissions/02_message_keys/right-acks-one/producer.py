import os
from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks=1, compression_type="gzip")
for i in range(1, 11):
    producer.send("test_topic", key=f"key-{i}".encode(), value=b"hello" * 100)
producer.flush()
