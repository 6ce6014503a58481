import argparse

from kafka import KafkaProducer

parser = argparse.ArgumentParser()
parser.add_argument("--broker", required=True)
options = parser.parse_args()

producer = KafkaProducer(bootstrap_servers=options.broker)
producer.send("test_topic", b"Hello, Kafka!")
producer.close()
