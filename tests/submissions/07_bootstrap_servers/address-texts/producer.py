import json
import os

from kafka import KafkaAdminClient, KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
admin = KafkaAdminClient(bootstrap_servers=servers)
print(json.dumps([f"{b['host']}:{b['port']}" for b in admin.describe_cluster()["brokers"]]))
producer = KafkaProducer(bootstrap_servers=servers)
for partition in producer.partitions_for("discovery"):
    producer.send("discovery", b"hello", partition=partition)
producer.flush()
