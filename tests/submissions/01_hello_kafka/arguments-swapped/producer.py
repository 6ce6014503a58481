import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers, value_serializer=str.encode)
producer.send("Hello, Kafka!", "test_topic")
producer.flush()
