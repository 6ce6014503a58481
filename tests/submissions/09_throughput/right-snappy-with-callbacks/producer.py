import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
failed = []


def on_error(error):
    failed.append(error)


producer = KafkaProducer(bootstrap_servers=servers, compression_type="snappy", linger_ms=10)
with open(sys.argv[1], "rb") as events:
    for line in events.read().splitlines():
        producer.send("events", line).add_errback(on_error)
producer.flush()
producer.close()
if failed:
    sys.exit(f"{len(failed)} events were not stored: {failed[0]}")
