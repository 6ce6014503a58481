import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers)
future = producer.send("test_topic", value="Hello Kafka!".encode("utf-8"))
record = future.get(timeout=10)
print(f"Sent to {record.topic} partition {record.partition} offset {record.offset}")
