import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","))
lock = threading.Lock()
acked = open(sys.argv[2], "w")


def send(line):
    review = json.loads(line)
    time.sleep(len(line) % 7 / 1000)  # some look-up in a shop
    producer.send("reviews", key=review["product_id"].encode(), value=line.rstrip()).get(timeout=50)
    with lock:
        print(review["review_id"], file=acked, flush=True)


with ThreadPoolExecutor(16) as pool:
    list(pool.map(send, open(sys.argv[1], "rb")))
acked.close()
