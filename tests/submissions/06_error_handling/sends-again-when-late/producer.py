import os, sys, time
from confluent_kafka import Producer
topic, message = sys.argv[1:]
s = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
p = Producer({"bootstrap.servers": s, "message.timeout.ms": 10000, "topic.metadata.propagation.max.ms": 5000})
state = {}
def cb(err, msg):
    state.setdefault("err", err)
    if not err: state["place"] = f"{msg.topic()}-{msg.partition()}@{msg.offset()}"
try:
    for attempt in range(3):
        p.produce(topic, message.encode(), on_delivery=cb)
        p.flush(3)
        if state: break
    p.flush(3)
except Exception as e:
    state["err"] = e
if "place" in state:
    print(state["place"]); sys.exit(0)
print(f"error: topic {topic}, broker {s}, {len(message.encode())} bytes: {state.get('err', 'timed out')}", file=sys.stderr)
sys.exit(1)
