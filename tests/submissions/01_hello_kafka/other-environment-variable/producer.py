import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["BOOTSTRAP_SERVERS"])
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
