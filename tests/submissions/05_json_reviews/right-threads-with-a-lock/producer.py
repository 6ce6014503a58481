import json
import os
import sys
import threading

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers)
lock = threading.Lock()
lines = iter(open(sys.argv[1], "rb"))


def work():
    while True:
        with lock:
            line = next(lines, None)
            if line is None:
                return
            producer.send("reviews", key=json.loads(line)["product_id"].encode(), value=line.strip())


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
producer.flush()
