"""Experiment: in which order does a consumer read what was sent in order?

The grader runs `reading.py ROUNDS CUSTOMERS` on a broker of its own. Orders 0, 1, 2 … are sent in
that order, the customers taking turns: to `keyed` with the customer as key, to `unkeyed` without
a key. Both topics are read from their beginning; what came in which order is printed as JSON.
"""

import json
import os
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

rounds, *customers = sys.argv[1:]
servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
orders = [customer for _ in range(int(rounds)) for customer in customers]

with KafkaProducer(bootstrap_servers=servers) as producer:
    for number, customer in enumerate(orders):
        producer.send("keyed", key=customer.encode(), value=f"{number}".encode())
        producer.send("unkeyed", key=None, value=f"{number}".encode())

for topic in ("keyed", "unkeyed"):
    with KafkaConsumer(bootstrap_servers=servers) as consumer:
        partitions = sorted(consumer.partitions_for_topic(topic))
        consumer.assign([TopicPartition(topic, partition) for partition in partitions])
        consumer.seek_to_beginning()
        read: list[tuple[int, int]] = []
        while len(read) < len(orders):
            for batch in consumer.poll(timeout_ms=1000).values():
                read += [(record.partition, int(record.value)) for record in batch]
    print(json.dumps({"topic": topic, "read": read}))
