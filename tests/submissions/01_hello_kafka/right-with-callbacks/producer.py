import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


def on_success(metadata):
    print(f"stored in {metadata.topic}-{metadata.partition}@{metadata.offset}")


def on_error(error):
    print(f"not stored: {error}")


producer = KafkaProducer(bootstrap_servers=servers, retries=3)
future = producer.send("test_topic", b"Hello, Kafka!")
future.add_callback(on_success)
future.add_errback(on_error)
producer.flush()
