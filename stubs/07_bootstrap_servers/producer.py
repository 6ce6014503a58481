"""Exercise 07: find all brokers of a cluster through a few addresses, and send to each partition."""

import os

from kafka import KafkaAdminClient, KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

# TODO: make a client of the addresses: there may be several, with commas between them.
# TODO: ask it for the brokers, and print them as JSON: [{"id": 1, "host": "…", "port": …}, …].
# TODO: send one record to each partition of the topic `discovery`, and wait until all are delivered.
