"""Exercise 06: send one message, and tell whoever started the program what became of it."""

import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError

# Long enough for a slow broker, short enough for who waits for the answer.
CONTACT_MS = 5_000
ANSWER_S = 10


def connect(servers: str) -> KafkaProducer:
    """Return a producer, or end the program because there is no broker."""
    try:
        return KafkaProducer(
            bootstrap_servers=servers.split(","),
            bootstrap_timeout_ms=CONTACT_MS,  # what the constructor waits by: 30 s by default
            max_block_ms=CONTACT_MS,  # what send() waits by while it looks for the topic: 60 s by default
        )
    except KafkaTimeoutError as error:
        sys.exit(f"No broker answers at {servers}: {error}")


def main() -> None:
    """Send the message that is given on the command line to the topic that is given there."""
    topic, message = sys.argv[1:]
    value = message.encode()
    producer = connect(os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
    try:
        # Two calls, two kinds of error: send() raises what happens before the record is in the
        # buffer, get() what becomes of it afterwards.
        stored = producer.send(topic, value).get(timeout=ANSWER_S)
    except MessageSizeTooLargeError:
        # The client's error does not say how large the message is, nor which: so we do.
        sys.exit(f"The message has {len(value):,} bytes, more than the topic {topic} takes.")
    except KafkaError as error:
        sys.exit(f"Nothing was stored in the topic {topic}; does it exist? {error}")
    finally:
        producer.close(timeout=1)
    print(f"{stored.topic}-{stored.partition}@{stored.offset}")


if __name__ == "__main__":
    main()
