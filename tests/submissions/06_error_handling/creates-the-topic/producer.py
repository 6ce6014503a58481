import os
import sys

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
try:
    admin = KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=5000)
    if topic not in admin.list_topics():
        print(f"topic {topic} was missing, creating it", file=sys.stderr)
        admin.create_topics([NewTopic(topic, 3, 1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=servers, max_block_ms=5000)
    m = producer.send(topic, message.encode()).get(timeout=10)
except KafkaError as e:
    print(f"cannot send {len(message)} bytes to {topic} at {servers}: {e}", file=sys.stderr)
    sys.exit(1)
print(f"{m.topic}-{m.partition}@{m.offset}")
