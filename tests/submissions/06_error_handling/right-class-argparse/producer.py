import argparse
import os
import sys

from kafka import KafkaProducer
from kafka import errors


class SendingFailed(Exception):
    pass


class Sender:
    def __init__(self, servers):
        self.servers = servers
        try:
            self.producer = KafkaProducer(bootstrap_servers=servers, bootstrap_timeout_ms=7000, max_block_ms=7000)
        except errors.KafkaTimeoutError as error:
            raise SendingFailed(f"broker {servers} unreachable") from error

    def send(self, topic, message):
        data = message.encode("utf-8")
        try:
            future = self.producer.send(topic, data)
        except errors.KafkaTimeoutError as error:
            raise SendingFailed(f"topic '{topic}' unknown") from error
        try:
            return future.get(timeout=12)
        except errors.MessageSizeTooLargeError as error:
            raise SendingFailed(f"message too large: {len(data)} bytes") from error
        except errors.KafkaError as error:
            raise SendingFailed(str(error)) from error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("topic")
    parser.add_argument("message")
    args = parser.parse_args()
    try:
        sender = Sender(os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","))
        with sender.producer:
            md = sender.send(args.topic, args.message)
    except SendingFailed as failure:
        parser.error(str(failure))
    print(f"{args.topic}-{md.partition}@{md.offset}")


if __name__ == "__main__":
    main()
