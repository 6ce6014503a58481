import json
import os
import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

seen = []
for line in open(sys.argv[1], "rb"):
    order = json.loads(line)
    content = {name: value for name, value in order.items() if name != "order_id"}
    if content in seen:
        continue
    seen.append(content)
    producer.send("orders", key=order["customer_id"].encode(), value=line.strip())
producer.flush()
