import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import threading

lines = open(sys.argv[1], "rb").read().splitlines()
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]


class Worker(threading.Thread):
    def __init__(self, part):
        super().__init__()
        self.part = part

    def run(self):
        own = KafkaProducer(bootstrap_servers=servers)
        for line in self.part:
            own.send("orders", key=json.loads(line)["customer_id"].encode(), value=line)
            own.flush()
        own.close()


workers = [Worker(lines[number::3]) for number in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
