"""Exercise 08: lose no review when a broker dies, and note which ones are safe.

    python producer.py REVIEWS.jsonl ACKED.txt

Each line of REVIEWS.jsonl is a review as JSON. ACKED.txt gets the `review_id` of each one that is safe.
"""

import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
reviews_file, acked_file = sys.argv[1:3]

# TODO: send each line of the file to the topic `reviews`: the line is the value, the product_id the key.
# TODO: write a review's review_id into the second file, a line each, once it has been acknowledged.
