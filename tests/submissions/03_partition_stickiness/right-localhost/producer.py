import json
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="localhost:9092")
for line in open(sys.argv[1], "rb"):
    producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
producer.flush()
