import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
acks = "all" if sys.argv[1] == "all" else int(sys.argv[1])


def send(messages):
    with KafkaProducer(bootstrap_servers=servers, acks=acks) as producer:
        for message in messages:
            producer.send("payments", message)


messages = [b"payment %d" % number for number in range(int(sys.argv[2]))]
for start in range(0, len(messages), 90):
    send(messages[start : start + 90])
