"""Exercise 02: send ten messages in a loop, each with a key of its own."""

import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

# TODO: make one producer.
# TODO: in a loop, send ten messages to the topic `test_topic`, with the keys key-1, key-2 … key-10.
# TODO: do not let the program end before all of them have been delivered.
