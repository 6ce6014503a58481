import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import random

partitions = list(producer.partitions_for("orders"))
for line in open(sys.argv[1], "rb"):
    order = json.loads(line)
    where = random.choice(partitions)
    producer.send("orders", value=line.strip(), key=order["customer_id"].encode(), partition=where)
producer.flush()
