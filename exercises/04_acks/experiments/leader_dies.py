"""Experiment: the leader dies before its follower has a copy. What was acknowledged, and what is left?

The grader runs `leader_dies.py COUNT` against a cluster. The topics `one` and `all` have one follower
each, which is sent some kB and then gets no copy any more; when the leader has stored all that comes, it
is killed. How many payments were acknowledged within 3 s, with acks=1 to `one` and with acks="all" to
`all`, is printed as JSON.
"""

import json
import os
import sys
import time
from contextlib import suppress

from kafka import KafkaProducer
from kafka.errors import KafkaError

# The client would try for two minutes; the leader is dead, and no other found, long before.
PATIENCE_S = 3

count = int(sys.argv[1])
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")

producers = {
    "one": KafkaProducer(bootstrap_servers=servers, acks=1),
    "all": KafkaProducer(bootstrap_servers=servers, acks="all"),
}
for topic in ("all", "one"):
    producers[topic].send(topic, b"first").get(timeout=20)
# The answer that would bring this to the follower is held back, and with it all that follow.
producers["one"].send("one", b"." * 50_000).get(timeout=20)

futures = {
    topic: [producer.send(topic, f"payment {number}".encode()) for number in range(count)]
    for topic, producer in producers.items()
}
deadline = time.monotonic() + PATIENCE_S
for topic, sent in futures.items():
    for future in sent:
        with suppress(KafkaError):
            future.get(timeout=max(0.01, deadline - time.monotonic()))
    acknowledged = sum(future.succeeded() for future in sent)
    print(json.dumps({"topic": topic, "acknowledged": acknowledged}), flush=True)
# Closing would wait for what cannot be delivered: a process that dies does not.
os._exit(0)
