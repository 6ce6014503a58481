import os
import sys

from confluent_kafka import Producer

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
reports = []
producer = Producer({"bootstrap.servers": servers, "message.timeout.ms": 11000})
producer.produce(topic, message.encode(), on_delivery=lambda error, record: reports.append((error, record)))
producer.flush(12)
if not reports:
    sys.exit(f"no answer from {servers}")
error, record = reports[0]
if error is not None:
    sys.exit(f"{error.str()}: {topic} at {servers}, {len(record.value()) / 1024:.1f} KiB")
print(f"{record.topic()}-{record.partition()}@{record.offset()}")
