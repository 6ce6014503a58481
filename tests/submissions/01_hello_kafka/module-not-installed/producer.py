import os

from kafka import KafkaProducer
from loguru import logger

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
logger.info("sending")
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
