"""Exercise 06: send one message, and tell whoever started the program what became of it.

It is run as `python producer.py TOPIC MESSAGE`.
"""

import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
topic, message = sys.argv[1], sys.argv[2]

# TODO: make a producer that does not wait longer than the task allows.
# TODO: send the message to the topic, and print where it was stored: TOPIC-PARTITION@OFFSET.
# TODO: when it cannot be stored, say so on stderr and end with an exit code other than 0:
#       no such topic (name it), no broker (name its address), message too large (name its size).
