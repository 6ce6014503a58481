import json
import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
reviews = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
producer.send("reviews", key=b"all", value=json.dumps(reviews).encode())
producer.flush()
