import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
newest = {}
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    newest[event["device_id"]] = event
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50)
for event in newest.values():
    producer.send("events", json.dumps(event).encode())
producer.flush()
