import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

def on_success(metadata):
    print("stored at", metadata.partition, metadata.offset)

def on_error(error):
    print("failed:", error)

for i in range(1, 11):
    future = producer.send("test_topic", key=f"key-{i}".encode(), value=b"hello")
    future.add_callback(on_success).add_errback(on_error)
producer.flush(timeout=30)
