import json
import os

from kafka import KafkaConsumer, KafkaProducer

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
producer = KafkaProducer(bootstrap_servers=servers)
partitions = producer.partitions_for("discovery")
for partition in partitions:
    producer.send("discovery", value=None, key=b"%d" % partition, partition=partition)
producer.close()
cluster = producer._metadata
print(json.dumps([{"id": b.node_id, "host": b.host, "port": b.port} for b in cluster.brokers()]))
