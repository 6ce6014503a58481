"""Send one message to Kafka, and wait until it has been delivered."""

import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

message = "Hello, Kafka!"

# The end of the `with` block closes the producer, and closing waits for what is still in its buffer.
with KafkaProducer(bootstrap_servers=servers) as producer:
    # Kafka stores bytes, so the text is encoded before it is sent.
    delivery = producer.send("test_topic", message.encode("utf-8"))

# Closing does not say whether it went well. The future does: it raises what went wrong.
stored = delivery.get(timeout=10)
print(f"Stored in {stored.topic}, partition {stored.partition}, offset {stored.offset}.")
