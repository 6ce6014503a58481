import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

futures = []
for i in range(1, 11):
    futures.append(producer.send("test_topic", key=f"key-{i}".encode(), value=b"hello"))
for future in futures:
    metadata = future.get(timeout=10)
    print(metadata.topic, metadata.partition, metadata.offset)
