import json
import os
import socket

from kafka import KafkaAdminClient, KafkaProducer

for address in os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        continue
    break
admin = KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=5000)
found = admin.describe_cluster()["brokers"]
print(json.dumps([{"id": b["broker_id"], "host": b["host"], "port": b["port"]} for b in found]))
admin.close()
producer = KafkaProducer(bootstrap_servers=address, bootstrap_timeout_ms=10000)
for partition in producer.partitions_for("discovery"):
    producer.send("discovery", b"hello", partition=partition)
producer.flush()
