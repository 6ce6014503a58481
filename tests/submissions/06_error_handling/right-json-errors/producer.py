import json
import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
step = "connect"
try:
    p = KafkaProducer(
        bootstrap_servers=servers, bootstrap_timeout_ms=8000, max_block_ms=8000, value_serializer=str.encode
    )
    step = "send"
    f = p.send(sys.argv[1], sys.argv[2])
    step = "wait"
    r = f.get(timeout=10)
except KafkaError as e:
    report = {"step": step, "error": str(e), "topic": sys.argv[1], "at": servers, "bytes": len(sys.argv[2])}
    print(json.dumps(report), file=sys.stderr)
    sys.exit(1)
print(json.dumps({"stored": True}))
print(f"{r.topic}-{r.partition}@{r.offset}")
