import json, os, sys
from kafka import KafkaProducer
from kafka.errors import KafkaError
p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
for l in open(sys.argv[1], "rb"):
    r = json.loads(l)
    for attempt in range(5):
        try:
            p.send("reviews", key=r["product_id"].encode(), value=json.dumps(r).encode()).get(timeout=3); break
        except KafkaError: pass
