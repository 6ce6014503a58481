import os
import sys

from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]


def fail(text):
    print(text, file=sys.stderr)
    raise SystemExit(3)


try:
    admin = KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=4000)
except KafkaTimeoutError:
    fail(f"Nobody at {servers}")
names = admin.list_topics()
admin.close()
if topic not in names:
    fail(f"There is no topic {topic}. There are: {', '.join(sorted(names))}")
producer = KafkaProducer(bootstrap_servers=servers)
try:
    meta = producer.send(topic, value=message.encode("utf-8")).get(timeout=12)
except KafkaError as e:
    fail(f"{e} ({len(message.encode('utf-8'))} B)")
print("done")
print("%s-%d@%d" % (meta.topic, meta.partition, meta.offset))
