"""Exercise 08: lose no review when a broker dies, and note which ones are safe."""

import json
import os
import sys
from pathlib import Path

from kafka import KafkaProducer


def main() -> None:
    """Send each review, and write the id of each once every in-sync replica has it."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
    reviews, acked = (Path(name) for name in sys.argv[1:3])
    # Both are defaults, written here because all that this program promises rests on them: "all" lets no
    # acknowledgement come before every in-sync replica has the record, and idempotence lets the client send
    # again without doubling or reordering anything.
    with KafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True) as producer:
        sent = []
        for line in reviews.read_bytes().splitlines():
            review = json.loads(line)
            # One call a review: what has to be tried again, the client tries again, for two minutes.
            future = producer.send("reviews", key=review["product_id"].encode(), value=line)
            sent.append((review["review_id"], future))
        with acked.open("w", encoding="utf-8") as file:
            for review_id, future in sent:
                # Returns once the record is acknowledged; raises if it never will be.
                future.get(timeout=50)
                print(review_id, file=file, flush=True)


if __name__ == "__main__":
    main()
