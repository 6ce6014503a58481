"""Exercise 05: send product reviews as JSON, each product's reviews together and in order."""

import json
import os
import sys
from pathlib import Path

from kafka import KafkaProducer


def as_json(review: object) -> bytes:
    """Encode once: json.dumps makes text, encode() makes bytes of it, in UTF-8."""
    # Without ensure_ascii=False, letters beyond ASCII become escapes: the same review, in more bytes.
    return json.dumps(review, ensure_ascii=False).encode()


def main() -> None:
    """Send each review of the file that is named on the command line."""
    producer = KafkaProducer(
        bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(","),
        value_serializer=as_json,
        # The key is text and no JSON: json.dumps would make quotation marks part of it.
        key_serializer=str.encode,
    )
    # Leaving the block closes the producer, and closing it waits until everything is delivered.
    with producer, Path(sys.argv[1]).open(encoding="utf-8") as lines:
        # One loop and one producer: reviews of a product are sent in the order in which they were written.
        reviews = (json.loads(line) for line in lines)
        sent = [producer.send("reviews", key=review["product_id"], value=review) for review in reviews]
        producer.flush()
        # flush() waits and says nothing: whether a record was stored, its future tells.
        for future in sent:
            future.get(timeout=30)


if __name__ == "__main__":
    main()
