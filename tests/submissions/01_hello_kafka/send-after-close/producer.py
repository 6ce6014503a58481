import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

with KafkaProducer(bootstrap_servers=servers) as producer:
    print("connected:", producer.bootstrap_connected())

producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
