import os
import sys

from confluent_kafka import Producer

topic, message = sys.argv[1:]
producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "message.timeout.ms": 8000})
producer.produce(topic, message.encode())
producer.flush(10)
print("sent", len(message), "bytes")
