import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

from kafka.partitioner.default import murmur2

partitions = sorted(producer.partitions_for("orders"))
for line in open(sys.argv[1], "rb"):
    key = json.loads(line)["customer_id"].encode()
    where = partitions[(murmur2(key) & 0x7FFFFFFF) % len(partitions)]
    producer.send("orders", key=key, value=line.strip(), partition=where)
producer.flush()
