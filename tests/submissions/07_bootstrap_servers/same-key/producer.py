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
for number in range(len(producer.partitions_for("discovery"))):
    producer.send("discovery", key=b"discovery", value=b"hello %d" % number)
producer.flush()
