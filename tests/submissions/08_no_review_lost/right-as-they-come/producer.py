import json
import os
import sys
from collections import deque

from kafka import KafkaProducer


def settle(waiting, acked, *, all_of_them=False):
    while waiting and (all_of_them or waiting[0][1].is_done):
        review_id, future = waiting.popleft()
        future.get(timeout=55)
        print(review_id, file=acked, flush=True)


with (
    KafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks="all", max_in_flight_requests_per_connection=1
    ) as producer,
    open(sys.argv[1], "rb") as reviews,
    open(sys.argv[2], "w") as acked,
):
    waiting = deque()
    for line in reviews:
        review = json.loads(line)
        key = review["product_id"].encode()
        waiting.append((review["review_id"], producer.send("reviews", key=key, value=line.strip())))
        settle(waiting, acked)
    settle(waiting, acked, all_of_them=True)
