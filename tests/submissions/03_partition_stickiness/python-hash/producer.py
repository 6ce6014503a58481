import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

count = len(producer.partitions_for("orders"))
for line in open(sys.argv[1], encoding="utf-8"):
    customer = json.loads(line)["customer_id"]
    partition = hash(customer) % count
    producer.send("orders", key=customer.encode(), value=line.strip().encode(), partition=partition)
producer.flush()
