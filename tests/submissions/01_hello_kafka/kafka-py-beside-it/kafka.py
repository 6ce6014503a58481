"""Settings for Kafka."""

TOPIC = "test_topic"
MESSAGE = b"Hello, Kafka!"
