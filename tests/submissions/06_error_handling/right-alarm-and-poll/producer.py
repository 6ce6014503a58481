import os, signal, sys
from confluent_kafka import Producer, KafkaException
from confluent_kafka.admin import AdminClient
topic, message = sys.argv[1], sys.argv[2]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
value = message.encode("utf-8")
def too_late(*_):
    print(f"gave up: {topic} at {servers}", file=sys.stderr, flush=True); os._exit(9)
signal.signal(signal.SIGALRM, too_late); signal.alarm(13)
p = Producer({"bootstrap.servers": servers, "enable.idempotence": True}, logger=__import__("logging").getLogger("x"))
try:
    md = p.list_topics(topic, timeout=10)
except KafkaException as e:
    sys.exit(f"Broker <{servers}> did not answer ({e.args[0].str()})")
if md.topics[topic].error: sys.exit(f"Topic «{topic}»: {md.topics[topic].error.str()}")
r = []
try:
    p.produce(topic, value, callback=lambda e, m: r.append((e, m)))
except KafkaException as e: sys.exit(f"{len(value) / 1024:.2f} KiB refused: {e}")
while not r: p.poll(0.2)
err, m = r[0]
if err: sys.exit(f"{len(value) / 1024:.2f} KiB refused: {err.str()}")
print(f"{m.topic()}-{m.partition()}@{m.offset()}")
