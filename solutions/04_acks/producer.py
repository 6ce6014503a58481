"""Exercise 04: send messages with the acks that the command line asks for."""

import os
import sys

from kafka import KafkaProducer

# The command line brings text, the producer wants numbers: with the text "1" it would send nothing.
ACKS: dict[str, int | str] = {"0": 0, "1": 1, "all": "all"}


def main() -> None:
    """Send as many messages as the second argument says, with the acks of the first."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
    acks, count = ACKS[sys.argv[1]], int(sys.argv[2])
    # Nothing is said of idempotence: it is on with acks=all, and cannot be with less.
    with KafkaProducer(bootstrap_servers=servers, acks=acks) as producer:
        sent = [producer.send("payments", f"payment {number}".encode()) for number in range(count)]
        producer.flush()
        # With acks=0 this says nothing of the broker: the client calls it delivered once it is sent.
        for future in sent:
            future.get(timeout=30)


if __name__ == "__main__":
    main()
