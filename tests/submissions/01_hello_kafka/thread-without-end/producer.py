import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import threading
import time

producer = KafkaProducer(bootstrap_servers=servers)


def report():
    while True:
        print("still here")
        time.sleep(5)


threading.Thread(target=report).start()
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
