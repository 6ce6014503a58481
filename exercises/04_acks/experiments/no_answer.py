"""Experiment: what does a producer learn that asks for no answer?

The grader runs `no_answer.py COUNT` on a broker of its own. The topic `payments` takes no record of
more than 10,000 bytes, and its older records are deleted, so that offsets do not begin at 0. For each
setting a producer sends COUNT small records and another one a record that is too large; what their
futures gave is printed as JSON.
"""

import json
import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

count = int(sys.argv[1])
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")

for acks in (0, 1):
    with KafkaProducer(bootstrap_servers=servers, acks=acks) as producer:
        futures = [producer.send("payments", f"small {acks}".encode()) for _ in range(count)]
        offsets = [future.get(timeout=20).offset for future in futures]
    with KafkaProducer(bootstrap_servers=servers, acks=acks) as producer:
        try:
            place = producer.send("payments", f"large {acks}".encode().ljust(40_000)).get(timeout=20)
            told = f"{place.topic}-{place.partition}@{place.offset}"
        except KafkaError as error:
            told = type(error).__name__
    print(json.dumps({"acks": acks, "offsets": offsets, "large": told}))
