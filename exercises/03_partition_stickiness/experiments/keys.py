"""Experiment: where do records go that share a key, that have none, and that have many keys?

The grader runs `keys.py COUNT KEY KEYS` on a broker of its own and looks at what was stored.
"""

import os
import sys

from kafka import KafkaProducer

count, one_key, *many_keys = sys.argv[1:]
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")

with KafkaProducer(bootstrap_servers=servers) as producer:
    for number in range(int(count)):
        producer.send("same_key", key=one_key.encode(), value=f"{number}".encode())
    for number in range(int(count)):
        producer.send("null_key", key=None, value=f"{number}".encode())
    for number in range(2):
        for key in many_keys:
            producer.send("many_keys", key=key.encode(), value=f"{number}".encode())
