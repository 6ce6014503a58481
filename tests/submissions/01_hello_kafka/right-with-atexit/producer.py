import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import atexit

producer = KafkaProducer(bootstrap_servers=servers)
atexit.register(producer.close)
producer.send("test_topic", b"Hello, Kafka!")
