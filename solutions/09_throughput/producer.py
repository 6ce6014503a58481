"""Exercise 09: send 20,000 events in few requests and few bytes."""

import os
import sys
from pathlib import Path

from kafka import KafkaProducer


def main() -> None:
    """Send each line of the file that is named on the command line."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
    # One producer for everything: a producer keeps its connections and its buffer.
    producer = KafkaProducer(
        bootstrap_servers=servers,
        # A batch is compressed as a whole, so that what its records have in common is said once.
        compression_type="gzip",
        # 64 kB to a batch instead of 16: fewer batches, and more for gzip to find alike.
        batch_size=65_536,
        # A batch that is not full yet waits so long for more.
        linger_ms=50,
    )
    with producer, Path(sys.argv[1]).open("rb") as events:
        # Nothing in the loop waits for the broker: records gather while requests are under way.
        sent = [producer.send("events", line.rstrip(b"\n")) for line in events]
        producer.flush()
        # flush() waits and says nothing: whether a record was stored, its future tells.
        for future in sent:
            future.get(timeout=30)


if __name__ == "__main__":
    main()
