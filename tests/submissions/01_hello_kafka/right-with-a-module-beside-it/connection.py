import contextlib
import os

from kafka import KafkaProducer


@contextlib.contextmanager
def open_producer():
    producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    yield producer
    producer.flush()
    producer.close()
