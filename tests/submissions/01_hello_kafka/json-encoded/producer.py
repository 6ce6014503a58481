import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import json

producer = KafkaProducer(
    bootstrap_servers=servers,
    value_serializer=lambda v: json.dumps(v).encode("utf-8"),
)
producer.send("test_topic", "Hello, Kafka!")
producer.flush()
