import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


class LoudProducer(KafkaProducer):
    def send(self, topic, value=None, **kwargs):
        print(f"{topic} <- {value!r}")
        return super().send(topic, value, **kwargs)


producer = LoudProducer(bootstrap_servers=servers)
producer.send("test_topic", b"Hello, Kafka!").get()
