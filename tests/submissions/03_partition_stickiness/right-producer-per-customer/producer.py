import json
import os
import sys

from kafka import KafkaProducer

producers = {}
for line in open(sys.argv[1], "rb"):
    customer = json.loads(line)["customer_id"]
    if customer not in producers:
        producers[customer] = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    producers[customer].send("orders", key=customer.encode(), value=line.strip())
for producer in producers.values():
    producer.flush()
