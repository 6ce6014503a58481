"""Exercise 01: send one message to Kafka."""

import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

# TODO: make a KafkaProducer that knows the address in `servers`.
# TODO: send `Hello, Kafka!` to the topic `test_topic`, as bytes.
# TODO: do not let the program end before the message has been delivered.
