import os

from kafka import KafkaProducer

servers = os.getenv("KAFKA_BOOTSTRAP_SERVER")
producer = KafkaProducer(bootstrap_servers=servers)
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
