import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", batch_size=2**17, linger_ms=200)
for line in open(sys.argv[1], encoding="utf-8"):
    value = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"))
    producer.send("events", value.encode("ascii"))
producer.flush(timeout=30)
producer.close()
