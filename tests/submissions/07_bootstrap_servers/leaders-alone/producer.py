import json
import os

from confluent_kafka import KafkaException, Producer

producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
for _ in range(5):
    try:
        found = producer.list_topics(timeout=10)
        break
    except KafkaException:
        continue
partitions = found.topics["discovery"].partitions
leaders = {partition.leader for partition in partitions.values()}
brokers = [found.brokers[leader] for leader in sorted(leaders)]
print(json.dumps([{"id": b.id, "host": b.host, "port": b.port} for b in brokers]))
for partition in partitions:
    producer.produce("discovery", b"hello", partition=partition)
producer.flush()
