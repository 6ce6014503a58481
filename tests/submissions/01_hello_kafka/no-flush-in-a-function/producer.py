import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


def send_greeting():
    producer = KafkaProducer(
        bootstrap_servers=servers,
        value_serializer=lambda text: text.encode("utf-8"),
    )
    future = producer.send("test_topic", "Hello, Kafka!")
    future.add_callback(lambda metadata: print("stored at", metadata.offset))


if __name__ == "__main__":
    send_greeting()
