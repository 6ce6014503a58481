import json
import os

from kafka import KafkaAdminClient, KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
admin = KafkaAdminClient(bootstrap_servers=servers)
brokers = [
    {"id": b["broker_id"], "host": b["host"], "port": b["port"]} for b in admin.describe_cluster()["brokers"]
]
print(json.dumps(brokers))
producer = KafkaProducer(bootstrap_servers=servers)
for partition in range(12):
    producer.send("discovery", b"hello", partition=partition).get(timeout=10)
