import json
import logging
import os

from kafka import KafkaAdminClient, KafkaProducer

logging.basicConfig(level=logging.WARNING)


class Explorer:
    def __init__(self, servers):
        self.servers = servers
        self.admin = KafkaAdminClient(bootstrap_servers=servers, client_id="explorer")

    def brokers(self):
        described = self.admin.describe_cluster()
        for entry in described["brokers"]:
            entry["id"] = entry.pop("broker_id")
            entry["controller"] = entry["id"] == described["controller_id"]
            yield entry

    def partitions(self, topic):
        return [p["partition_index"] for p in self.admin.describe_topics([topic])[0]["partitions"]]


explorer = Explorer([a.strip() for a in os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",") if a])
print("BROKERS", json.dumps(list(explorer.brokers())))
partitions = explorer.partitions("discovery")
print("PARTITIONS", partitions)
producer = KafkaProducer(bootstrap_servers=explorer.servers)
for partition in partitions:
    producer.send("discovery", b"hi", partition=partition).get(timeout=10)
producer.close()
