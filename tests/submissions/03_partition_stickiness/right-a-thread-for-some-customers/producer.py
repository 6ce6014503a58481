import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import queue
import threading
import zlib

queues = [queue.Queue() for _ in range(3)]


def work(mine):
    while (line := mine.get()) is not None:
        producer.send("orders", key=json.loads(line)["customer_id"].encode(), value=line)


threads = [threading.Thread(target=work, args=(each,)) for each in queues]
for thread in threads:
    thread.start()
for line in open(sys.argv[1], "rb").read().splitlines():
    queues[zlib.crc32(json.loads(line)["customer_id"].encode()) % 3].put(line)
for each in queues:
    each.put(None)
for thread in threads:
    thread.join()
producer.flush()
