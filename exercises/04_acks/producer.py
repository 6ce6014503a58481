"""Exercise 04: send messages with the acks that the command line asks for.

    python producer.py ACKS COUNT

ACKS is 0, 1 or all; COUNT is how many messages to send.
"""

import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
acks = sys.argv[1]
count = int(sys.argv[2])

# TODO: make a producer that asks for these acks. Mind the type: the settings are 0, 1 and "all".
# TODO: send `count` messages to the topic `payments`.
# TODO: do not let the program end before every message has been delivered.
