import os
import sys
from concurrent.futures import ThreadPoolExecutor, TimeoutError

from kafka import KafkaProducer
from kafka.errors import KafkaError

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]


def work():
    producer = KafkaProducer(bootstrap_servers=servers)
    return producer.send(topic, message.encode()).get(timeout=30)


pool = ThreadPoolExecutor(1)
try:
    m = pool.submit(work).result(timeout=11)
except (TimeoutError, KafkaError) as error:
    print(f"{topic}@{servers}: {len(message)} bytes not stored: {error!r}", file=sys.stderr, flush=True)
    os._exit(1)
print(f"{topic}-{m.partition}@{m.offset}", flush=True)
os._exit(0)
