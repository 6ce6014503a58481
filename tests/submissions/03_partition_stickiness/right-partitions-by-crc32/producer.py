import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import zlib

count = len(producer.partitions_for("orders"))
for line in open(sys.argv[1], "rb"):
    key = json.loads(line)["customer_id"].encode()
    producer.send("orders", key=key, value=line.strip(), partition=zlib.crc32(key) % count)
producer.flush()
