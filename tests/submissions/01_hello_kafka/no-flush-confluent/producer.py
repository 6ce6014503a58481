import os

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": os.getenv("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")})
producer.produce("test_topic", "Hello, Kafka!")
producer.poll(0)
print("done")
