import json
import os

from kafka import KafkaAdminClient, KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
admin = KafkaAdminClient(bootstrap_servers=servers)
found = admin.describe_cluster()["brokers"]
ports = sorted((b["port"] for b in found), key=lambda port: -found[0]["port"] if port == found[0]["port"] else port)
ports = [*ports[1:], ports[0]]
print(json.dumps([{"id": b["broker_id"], "host": b["host"], "port": p} for b, p in zip(found, ports)]))
producer = KafkaProducer(bootstrap_servers=servers)
for partition in producer.partitions_for("discovery"):
    producer.send("discovery", b"hello", partition=partition)
producer.flush()
