import os
import sys
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50)
lines = open(sys.argv[1], "rb").read().split(b"\n")[:-1]


def send_some(start):
    for line in lines[start::4]:
        producer.send("events", line)


with ThreadPoolExecutor(4) as pool:
    list(pool.map(send_some, range(4)))
producer.flush()
