import os

from confluent_kafka import Producer

producer = Producer({"bootstrap_servers": os.getenv("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")})
producer.produce("test_topic", b"Hello, Kafka!")
producer.flush()
