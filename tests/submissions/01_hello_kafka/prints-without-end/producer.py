import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers)
future = producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
while True:
    print("Is it there?", future.is_done)
