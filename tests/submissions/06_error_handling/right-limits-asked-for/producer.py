import os
import socket
import sys

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

topic, message = sys.argv[1], sys.argv[2].encode()
address = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")[0]
host, port = address.rsplit(":", 1)
try:
    socket.create_connection((host, int(port)), 5).close()
except OSError as e:
    print(f"[Errno {e.errno}] {address}", file=sys.stderr)
    sys.exit(10)
admin = KafkaAdminClient(bootstrap_servers=address)
if topic not in admin.list_topics():
    print("NO SUCH TOPIC:", topic, file=sys.stderr)
    sys.exit(20)
admin.close()
producer = KafkaProducer(bootstrap_servers=address, max_request_size=10_000)
try:
    result = producer.send(topic, message).get(timeout=10)
except Exception as e:
    print(e, file=sys.stderr)
    sys.exit(30)
print(f"{result.topic}-{result.partition}@{result.offset}")
