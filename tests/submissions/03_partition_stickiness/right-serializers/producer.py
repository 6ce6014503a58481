import json
import os
import sys

from kafka import KafkaProducer

with KafkaProducer(
    bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","),
    key_serializer=str.encode,
    value_serializer=lambda order: json.dumps(order, ensure_ascii=False, sort_keys=True).encode("utf-8"),
    compression_type="gzip",
    linger_ms=20,
) as producer:
    with open(sys.argv[1], encoding="utf-8") as orders:
        for order in map(json.loads, orders):
            producer.send("orders", key=order["customer_id"], value=order)
