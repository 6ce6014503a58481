import json
import os
import sys

from confluent_kafka import Producer

settings = {
    "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
    "partitioner": "murmur2_random",
    "enable.idempotence": True,
}
producer = Producer(settings)
for line in open(sys.argv[1], "rb"):
    producer.produce("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
producer.flush()
