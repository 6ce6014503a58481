import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import sys

print("=" * 60)
print("  HELLO, KAFKA!  ✨  ¡Hola!  こんにちは")
print("=" * 60)
producer = KafkaProducer(bootstrap_servers=servers)
print(producer.config)
for step in range(1, 4):
    print(f"Step {step} of 3 ...", end=" ", flush=True)
    if step == 2:
        future = producer.send("test_topic", "Hello, Kafka!".encode())
    if step == 3:
        producer.flush()
    print("OK")
print("Warning: Error: Traceback (most recent call last): all of it harmless", file=sys.stderr)
