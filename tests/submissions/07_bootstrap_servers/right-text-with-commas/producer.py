import json
import os

from kafka import KafkaAdminClient, KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
admin = KafkaAdminClient(bootstrap_servers=servers)
brokers = [
    {"id": b["broker_id"], "host": b["host"], "port": b["port"]} for b in admin.describe_cluster()["brokers"]
]
print(json.dumps(brokers, indent=2))
admin.close()
with KafkaProducer(bootstrap_servers=servers, acks="all") as producer:
    futures = [
        producer.send("discovery", key=str(p).encode(), value=b"x", partition=p)
        for p in producer.partitions_for("discovery")
    ]
    for future in futures:
        print("stored", future.get(timeout=10))
