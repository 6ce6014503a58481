import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import threading

lines = iter(open(sys.argv[1], "rb").read().splitlines())
lock = threading.Lock()


def work():
    while True:
        with lock:
            line = next(lines, None)
            if line is None:
                return
            producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line)


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
producer.flush()
