"""Exercise 02: send ten messages in a loop, each with a key of its own."""

import os

from kafka import KafkaProducer


def main() -> None:
    """Send key-1 … key-10."""
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
    # One producer for all: each would connect anew and gather its records for itself.
    # Leaving the block closes it, and closing it waits until everything is delivered.
    with KafkaProducer(bootstrap_servers=servers) as producer:
        sent = []
        # range() stops before its second number.
        for number in range(1, 11):
            key, value = f"key-{number}", f"message {number}"
            # Kafka stores bytes; without a serializer they are made here, of the key as of the value.
            sent.append(producer.send("test_topic", key=key.encode(), value=value.encode()))
        producer.flush()
        # flush() waits and says nothing: whether a record was stored, its future tells.
        for future in sent:
            future.get(timeout=30)


if __name__ == "__main__":
    main()
