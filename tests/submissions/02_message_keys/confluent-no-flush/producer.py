import os

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
for i in range(1, 11):
    producer.produce("test_topic", key=f"key-{i}", value=f"message {i}")
    producer.poll(0)
