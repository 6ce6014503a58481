import argparse
import os

from kafka import KafkaProducer


def acks(text):
    return text if text == "all" else int(text)


parser = argparse.ArgumentParser()
parser.add_argument("acks", type=acks, choices=[0, 1, "all"])
parser.add_argument("count", type=int)
options = parser.parse_args()
producer = KafkaProducer(
    bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","),
    acks=options.acks,
    enable_idempotence=options.acks == "all",
    linger_ms=20,
    compression_type="gzip",
)
futures = [producer.send("payments", f"{n}".encode()) for n in range(options.count)]
producer.flush(timeout=20)
assert all(future.succeeded() for future in futures)
