import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import json

producer = KafkaProducer(bootstrap_servers=servers, value_serializer=json.dumps)
producer.send("test_topic", "Hello, Kafka!")
producer.flush()
