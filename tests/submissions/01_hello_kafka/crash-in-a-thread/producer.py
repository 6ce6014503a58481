import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import threading


def send(text):
    producer = KafkaProducer(bootstrap_servers=servers)
    producer.send("test_topic", text.encode("uft-8"))
    producer.close()


thread = threading.Thread(target=send, args=("Hello, Kafka!",))
thread.start()
thread.join()
