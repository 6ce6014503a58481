import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import queue
import threading

inbox = queue.Queue()
producer = KafkaProducer(bootstrap_servers=servers)


def worker():
    while (message := inbox.get()) is not None:
        producer.send("test_topic", message).get(timeout=20)


thread = threading.Thread(target=worker)
thread.start()
inbox.put(b"Hello, Kafka!")
inbox.put(None)
thread.join()
producer.close()
