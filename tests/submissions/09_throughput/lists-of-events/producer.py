import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers,
    compression_type="gzip",
    value_serializer=lambda events: json.dumps(events).encode(),
)
events = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
for start in range(0, len(events), 500):
    producer.send("events", events[start : start + 500])
producer.flush()
