"""Exercise 09: send 20,000 events in few requests and few bytes.

    python producer.py EVENTS.jsonl

Each line of the file is an event as JSON; each becomes the value of one record.
"""

import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
events_file = sys.argv[1]

# TODO: send each line of the file to the topic `events`, as one record, with a producer that gathers records
#       into large, compressed batches.
# TODO: do not let the program end before every event has been delivered.
