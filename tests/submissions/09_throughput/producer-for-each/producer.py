import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
def send(line):
    producer = KafkaProducer(bootstrap_servers=servers, compression_type="gzip")
    producer.send("events", line)
    producer.close()


for line in open(sys.argv[1], "rb"):
    send(line.strip())
