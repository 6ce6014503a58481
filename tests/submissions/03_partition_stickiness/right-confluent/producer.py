import json
import os
import sys

from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
with open(sys.argv[1], encoding="utf-8") as orders:
    for line in orders:
        producer.produce("orders", key=json.loads(line)["customer_id"], value=line.rstrip("\n"))
        producer.poll(0)
producer.flush()
