import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

sent = []
for line in open(sys.argv[1], "rb"):
    sent.append(producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip()))
producer.flush()
print("last order at", sent[-1].offset)
