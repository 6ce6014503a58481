"""Exercise 05: send product reviews as JSON, each product's reviews together and in order.

    python producer.py REVIEWS.jsonl

Each line of the file is a review as JSON; its `product_id` says what was reviewed.
"""

import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
reviews_file = sys.argv[1]

# TODO: give the producer serializers, or encode by hand: the value is the review as JSON, in UTF-8.
# TODO: send each review to the topic `reviews`, with its product_id as the key.
# TODO: do not let the program end before every review has been delivered.
