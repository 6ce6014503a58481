"""Experiment: how long does one awaited send take with acks=1, and how long with acks="all"?

The grader runs `waiting.py COUNT` against three brokers, between which every copy is slowed. The two
settings take turns; the seconds that each send took are printed as JSON.
"""

import json
import os
import sys
import time

from kafka import KafkaProducer

count = int(sys.argv[1])
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")

producers = {
    "1": KafkaProducer(bootstrap_servers=servers, acks=1),
    "all": KafkaProducer(bootstrap_servers=servers, acks="all"),
}
seconds: dict[str, list[float]] = {acks: [] for acks in producers}


def wait_for_one(acks: str) -> float:
    """Send one record, wait for its acknowledgement, and return how long that took."""
    began = time.monotonic()
    producers[acks].send("slowed", b"a payment").get(timeout=20)
    return time.monotonic() - began


for acks in producers:
    wait_for_one(acks)  # the first one of a producer also connects: it is not counted
for _ in range(count):
    for acks in producers:
        seconds[acks].append(wait_for_one(acks))
for producer in producers.values():
    producer.close()
print(json.dumps(seconds))
