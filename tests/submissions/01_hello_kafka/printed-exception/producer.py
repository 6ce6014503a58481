import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

try:
    producer = KafkaProducer(bootstrap_servers=servers)
    producer.send("test_topic", value="Hello, Kafka!")
    producer.flush()
except Exception as e:
    print("Error:", e)
