import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

for line in open(sys.argv[1], "rb"):
    key = json.loads(line)["customer_id"].encode()
    producer.send("orders", key, line.strip())
producer.flush()
