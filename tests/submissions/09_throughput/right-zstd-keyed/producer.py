import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
def key_of(line: bytes) -> bytes:
    return json.loads(line)["device_id"].encode()


with KafkaProducer(
    bootstrap_servers=servers, compression_type="zstd", batch_size=100_000, linger_ms=20
) as producer:
    with open(sys.argv[1], "rb") as file:
        for line in file:
            producer.send("events", key=key_of(line), value=line)
