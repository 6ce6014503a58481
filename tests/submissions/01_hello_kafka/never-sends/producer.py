import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers)
message = "Hello, Kafka!"
print(f"Sending {message} to test_topic")
producer.flush()
producer.close()
