import os
import sys

from confluent_kafka import Producer

failed = []


def report(error, message):
    if error is not None:
        failed.append(error)
    else:
        print(f"{message.topic()}-{message.partition()}@{message.offset()}")


producer = Producer({"bootstrap.servers": os.getenv("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")})
producer.produce("test_topic", "Hello, Kafka!", callback=report)
producer.flush()
sys.exit(1 if failed else 0)
