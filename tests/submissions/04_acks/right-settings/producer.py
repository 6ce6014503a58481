import os
import sys

from kafka import KafkaProducer

BY_NAME = {"0": {"acks": 0}, "1": {"acks": 1}, "all": {"acks": "all", "retries": 10}}


def messages(count):
    for number in range(count):
        yield {"topic": "payments", "value": b"%d euro" % number, "partition": number % 3}


def main(acks, count):
    settings = {"bootstrap_servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], **BY_NAME[acks]}
    with KafkaProducer(**settings) as producer:
        for message in messages(int(count)):
            producer.send(**message)


if __name__ == "__main__":
    main(*sys.argv[1:])
