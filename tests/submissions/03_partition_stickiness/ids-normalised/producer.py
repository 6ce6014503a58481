import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

import unicodedata

for line in open(sys.argv[1], "rb"):
    order = json.loads(line)
    order["customer_id"] = unicodedata.normalize("NFC", order["customer_id"])
    producer.send("orders", key=order["customer_id"].encode(), value=json.dumps(order).encode())
producer.flush()
