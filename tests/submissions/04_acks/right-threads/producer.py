import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
from concurrent.futures import ThreadPoolExecutor

acks = int(sys.argv[1]) if sys.argv[1].isdigit() else sys.argv[1]
producer = KafkaProducer(bootstrap_servers=servers, acks=acks)
with ThreadPoolExecutor(4) as pool:
    futures = list(pool.map(lambda n: producer.send("payments", b"payment %d" % n), range(int(sys.argv[2]))))
for future in futures:
    future.get(timeout=20)
producer.close()
