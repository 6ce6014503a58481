import os

from kafka import kafkaProducer

producer = kafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
