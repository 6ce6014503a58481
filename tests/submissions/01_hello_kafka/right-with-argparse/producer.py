import argparse
import os

from kafka import KafkaProducer

parser = argparse.ArgumentParser(description="Send a greeting")
parser.add_argument("--servers", default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
parser.add_argument("--topic", default="test_topic")
parser.add_argument("message", nargs="?", default="Hello, Kafka!")
options = parser.parse_args()

with KafkaProducer(bootstrap_servers=options.servers) as producer:
    producer.send(options.topic, options.message.encode())
