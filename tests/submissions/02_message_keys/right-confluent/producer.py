import os
from confluent_kafka import Producer


def report(error, message):
    print(error or f"{message.topic()} [{message.partition()}] @ {message.offset()}")


producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
for i in range(1, 11):
    producer.produce("test_topic", key=f"key-{i}", value=f"message {i}", callback=report)
    producer.poll(0)
producer.flush()
