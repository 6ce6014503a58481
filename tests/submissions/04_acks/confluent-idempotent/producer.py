import os
import sys

from confluent_kafka import Producer

acks, count = sys.argv[1:]
producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "acks": acks, "enable.idempotence": True})
for number in range(int(count)):
    producer.produce("payments", f"payment {number}")
producer.flush()
