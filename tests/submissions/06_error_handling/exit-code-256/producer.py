import os, sys
from kafka import KafkaProducer
topic, message = sys.argv[1:]
s = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
try:
    p = KafkaProducer(bootstrap_servers=s, bootstrap_timeout_ms=5000, max_block_ms=5000)
    m = p.send(topic, message.encode()).get(10)
    sys.stdout.write(f"{m.topic}-{m.partition}@{m.offset}")
    sys.stdout.flush()
except Exception as e:
    print(f"{s} {topic} {len(message)}: {e}", file=sys.stderr)
    sys.exit(256)
