import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import multiprocessing


def send(text):
    producer = KafkaProducer(bootstrap_servers=servers)
    producer.send("test_topic", text.encode())
    producer.close()


if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=send, args=("Hello, Kafka!",))
    process.start()
    process.join()
