import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for i in range(1, 11):
    metadata = producer.send("test_topic", key=f"key-{i}".encode(), value=b"hello").get(timeout=10)
    print(f"key-{i} -> {metadata.partition}@{metadata.offset}")
producer.close()
