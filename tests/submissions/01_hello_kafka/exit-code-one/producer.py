import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import sys

producer = KafkaProducer(bootstrap_servers=servers)
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
sys.exit(1)
