import os

from dotenv import load_dotenv
from kafka import KafkaProducer

load_dotenv()
producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
