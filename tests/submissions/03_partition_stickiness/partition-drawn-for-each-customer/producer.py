import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import random

count = len(producer.partitions_for("orders"))
homes = {}
for line in open(sys.argv[1], "rb"):
    customer = json.loads(line)["customer_id"]
    partition = homes.setdefault(customer, random.randrange(count))
    producer.send("orders", key=customer.encode(), value=line.strip(), partition=partition)
producer.flush()
