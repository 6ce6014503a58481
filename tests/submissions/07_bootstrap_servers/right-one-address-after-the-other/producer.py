import json
import os
import sys

from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError


def first_that_works(make):
    for address in os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","):
        try:
            return make(bootstrap_servers=address, bootstrap_timeout_ms=2000)
        except KafkaError as error:
            print(f"{address}: {error}", file=sys.stderr)
    sys.exit("nobody there")


with_all = first_that_works(KafkaAdminClient)
found = with_all.describe_cluster()["brokers"]
print(json.dumps([dict(id=b["broker_id"], host=b["host"], port=b["port"]) for b in found]))
producer = first_that_works(KafkaProducer)
for p in sorted(producer.partitions_for("discovery")):
    producer.send("discovery", partition=p, value=b"!")
producer.flush()
