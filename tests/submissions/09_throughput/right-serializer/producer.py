import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(
    bootstrap_servers=servers,
    compression_type="gzip",
    linger_ms=50,
    value_serializer=lambda event: json.dumps(event, ensure_ascii=False).encode("utf-8"),
)
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        producer.send("events", value=json.loads(line))
producer.flush()
