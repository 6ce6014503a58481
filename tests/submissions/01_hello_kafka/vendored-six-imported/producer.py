import os

from kafka import KafkaProducer
from kafka.vendor import six

message = six.b("Hello, Kafka!")
producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
producer.send("test_topic", message)
producer.flush()
