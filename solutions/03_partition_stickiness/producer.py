"""Exercise 03: send orders so that each customer's orders stay together and in order."""

import json
import os
import sys
from pathlib import Path

from kafka import KafkaProducer


def main() -> None:
    """Send each line of the file that is named on the command line."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
    # Leaving the block closes the producer, and closing it waits until everything is delivered.
    with KafkaProducer(bootstrap_servers=servers) as producer, Path(sys.argv[1]).open("rb") as orders:
        sent = []
        for line in orders:
            # An id is text, whatever it looks like: "0042" is not 42. Its bytes choose the partition.
            key = json.loads(line)["customer_id"].encode()
            # The line is JSON already; encoding it anew could only change it.
            sent.append(producer.send("orders", key=key, value=line.rstrip(b"\n")))
        producer.flush()
        # flush() waits and says nothing: whether a record was stored, its future tells.
        for future in sent:
            future.get(timeout=30)


if __name__ == "__main__":
    main()
