import os

from confluent_kafka import Producer

conf = {"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "acks": "0"}
producer = Producer(conf)
producer.produce("test_topic", value=b"Hello, Kafka!")
producer.flush()
