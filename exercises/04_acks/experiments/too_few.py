"""Experiment: one of two replicas is down, and the topic asks for two. Who can still write to it?

The grader runs `too_few.py COUNT` against a cluster in which the only follower of `payments` has been
stopped. For acks=1 and acks="all" it prints as JSON how many payments were acknowledged, and the errors
of the others.
"""

import json
import os
import sys
from collections import Counter

from kafka import KafkaProducer
from kafka.errors import NotEnoughReplicasAfterAppendError, NotEnoughReplicasError

count = int(sys.argv[1])
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")

for acks in ("all", 1):
    # The broker says so at once. By default the client would ask again for two minutes.
    producer = KafkaProducer(bootstrap_servers=servers, acks=acks, retries=0, enable_idempotence=False)
    futures = [producer.send("payments", f"{acks}".encode()) for _ in range(count)]
    errors: Counter[str] = Counter()
    for future in futures:
        try:
            future.get(timeout=20)
        except (NotEnoughReplicasError, NotEnoughReplicasAfterAppendError) as error:
            errors[type(error).__name__] += 1
    acknowledged = len(futures) - errors.total()
    print(json.dumps({"acks": acks, "acknowledged": acknowledged, "errors": errors}))
    producer.close()
