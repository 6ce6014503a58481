import json
import os

from kafka import KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
given = [address.split(":") for address in servers]
print(json.dumps([{"id": n, "host": host, "port": int(port)} for n, (host, port) in enumerate(given, 1)]))
producer = KafkaProducer(bootstrap_servers=servers)
for partition in producer.partitions_for("discovery"):
    producer.send("discovery", b"hello", partition=partition)
producer.flush()
