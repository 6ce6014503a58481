import json
import os
import sys

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

settings = {"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "log_level": 0}


def asked(question):
    for _ in range(5):
        try:
            return question()
        except KafkaException as error:
            last = error
    raise last


admin = AdminClient(settings)
cluster = asked(lambda: admin.describe_cluster(request_timeout=10).result())
nodes = [{"host": node.host, "port": node.port, "id": node.id} for node in cluster.nodes]
sys.stdout.write("[main] the brokers are:\n" + json.dumps(nodes, separators=(",", ":")) + "\n[main] done\n")
producer = Producer(settings)
topic = asked(lambda: producer.list_topics("discovery", timeout=10)).topics["discovery"]
for number in sorted(topic.partitions):
    producer.produce("discovery", key=b"same", value=b"v", partition=number)
assert producer.flush(15) == 0
