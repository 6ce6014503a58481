import os
import sys

from confluent_kafka import Producer

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
code = 0


def report(error, record):
    global code
    if error:
        print(f"{len(message)} bytes to {topic} at {servers}: {error}", file=sys.stderr)
        code = 1
    else:
        print(f"{record.topic()}-{record.partition()}@{record.offset()}")


producer = Producer({"bootstrap.servers": servers})
producer.produce(topic, message.encode(), on_delivery=report)
producer.flush()
sys.exit(code)
