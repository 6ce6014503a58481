import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


class Greeter:
    """Owns a producer and sends greetings with it."""

    def __init__(self, servers):
        self._producer = KafkaProducer(bootstrap_servers=servers, client_id="greeter")

    def greet(self, name):
        return self._producer.send("test_topic", value=f"Hello, {name}!".encode())

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._producer.flush()
        self._producer.close()


with Greeter(servers) as greeter:
    greeter.greet("Kafka")
