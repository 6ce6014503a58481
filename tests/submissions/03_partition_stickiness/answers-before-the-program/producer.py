"""Exercise 03: send orders so that each customer's orders stay together and in order.

    python producer.py ORDERS.jsonl

Each line of the file is an order as JSON; its `customer_id` says whose it is.
"""

import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
orders_file = sys.argv[1]

# TODO: send each line of the file to the topic `orders`: the line is the value, the customer_id the key.
# TODO: do not let the program end before every order has been delivered.
