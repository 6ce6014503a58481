"""Experiment: with which settings does a producer send that is told nothing but the address?

The grader runs `defaults.py` on a broker of its own and looks at the requests that the broker logged:
the acks of each Produce request, and whether the producer asked for a producer id, which only an
idempotent one does. The error of a third producer is printed.
"""

import os

from kafka import KafkaProducer
from kafka.errors import KafkaConfigurationError

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")

with KafkaProducer(bootstrap_servers=servers, client_id="untouched") as producer:
    producer.send("payments", b"a payment").get(timeout=20)

with KafkaProducer(bootstrap_servers=servers, client_id="lowered", acks=1) as producer:
    producer.send("payments", b"a payment").get(timeout=20)

try:
    KafkaProducer(bootstrap_servers=servers, acks=1, enable_idempotence=True)
except KafkaConfigurationError as error:
    print(type(error).__name__)
