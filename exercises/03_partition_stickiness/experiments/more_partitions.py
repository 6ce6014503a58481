"""Experiment: a topic gets more partitions while it is in use. What becomes of its keys?

The grader runs `more_partitions.py PARTITIONS KEYS` on a broker of its own. Every key gets a record
before and one after the topic has grown to PARTITIONS; the place of each, as the broker
acknowledged it, is printed as a line of JSON.
"""

import json
import os
import sys
import time

from kafka import KafkaAdminClient, KafkaProducer

TOPIC = "growing"

partitions, *keys = sys.argv[1:]
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")


def send_all(value: bytes) -> None:
    """Send one record for each key and print where the broker put it."""
    # A producer of its own for each phase: one that is open learns of new partitions minutes later.
    with KafkaProducer(bootstrap_servers=servers) as producer:
        sent = [(key, producer.send(TOPIC, key=key.encode(), value=value)) for key in keys]
        for key, future in sent:
            place = future.get(timeout=10)
            print(json.dumps({"key": key, "partition": place.partition, "offset": place.offset}))


send_all(b"before")
admin = KafkaAdminClient(bootstrap_servers=servers)
admin.create_partitions({TOPIC: int(partitions)})
while len(admin.describe_topics([TOPIC])[0]["partitions"]) < int(partitions):
    time.sleep(0.01)
admin.close()
send_all(b"after")
