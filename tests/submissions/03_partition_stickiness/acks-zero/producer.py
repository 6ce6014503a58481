import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks=0)
for line in open(sys.argv[1], "rb"):
    producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
producer.flush()
