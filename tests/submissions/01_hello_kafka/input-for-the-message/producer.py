import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

message = input("Message to send: ")

producer = KafkaProducer(bootstrap_servers=servers)
producer.send("test_topic", message.encode())
producer.flush()
