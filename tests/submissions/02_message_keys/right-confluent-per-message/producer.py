import os
from confluent_kafka import Producer

for i in range(1, 11):
    producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
    producer.produce("test_topic", key=f"key-{i}", value=f"message {i}")
    producer.flush()
