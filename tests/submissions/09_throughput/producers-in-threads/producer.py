import os
import sys
from threading import Thread

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
lines = open(sys.argv[1], "rb").read().splitlines()


def work(start):
    producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip", linger_ms=50)
    for line in lines[start::4]:
        producer.send("events", line)
    producer.close()


threads = [Thread(target=work, args=(start,)) for start in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
