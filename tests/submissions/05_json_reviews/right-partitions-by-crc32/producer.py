import json
import os
import sys
import zlib

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, value_serializer=lambda v: json.dumps(v).encode())
count = len(producer.partitions_for("reviews"))
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    key = review["product_id"].encode()
    producer.send("reviews", key=key, value=review, partition=zlib.crc32(key) % count)
producer.flush()
