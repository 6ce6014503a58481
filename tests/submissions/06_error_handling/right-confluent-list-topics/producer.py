import os
import sys

from confluent_kafka import KafkaException, Producer

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
producer = Producer({"bootstrap.servers": servers, "delivery.timeout.ms": 11000})
try:
    described = producer.list_topics(topic, timeout=6).topics[topic]
except KafkaException as error:
    sys.exit(f"{servers}: {error.args[0].str()}")
if described.error is not None:
    sys.exit(f"{topic}: {described.error.str()}")
outcome = {}


def report(error, record):
    outcome["error"], outcome["record"] = error, record


producer.produce(topic, value=message, callback=report)
while not outcome:
    producer.poll(1)
if outcome["error"]:
    sys.stderr.write(f"{outcome['error'].str()}\nThe message has {len(message):_} characters\n")
    sys.exit(2)
record = outcome["record"]
sys.stdout.write(f"{topic}-{record.partition()}@{record.offset()}\n")
