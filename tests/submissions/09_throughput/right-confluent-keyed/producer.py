import json
import os
import sys

from confluent_kafka import Producer

producer = Producer(
    {
        "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
        "compression.type": "gzip",
        "linger.ms": 200,
        "batch.size": 1000000,
        "enable.idempotence": True,
    }
)
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    producer.produce("events", key=event["device_id"], value=json.dumps(event))
producer.flush(30)
