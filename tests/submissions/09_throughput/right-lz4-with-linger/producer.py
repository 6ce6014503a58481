import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers.split(","), compression_type="lz4", linger_ms=100, batch_size=32 * 1024
)
with open(sys.argv[1], encoding="utf-8") as events:
    for event in events:
        producer.send("events", value=event.strip().encode("utf-8"))
producer.close()
