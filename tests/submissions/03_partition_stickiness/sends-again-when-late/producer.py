import json, os, sys
from kafka import KafkaProducer
from kafka.errors import KafkaError
p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
for l in open(sys.argv[1], "rb"):
    k = json.loads(l)["customer_id"].encode()
    for attempt in range(5):
        try:
            p.send("orders", key=k, value=l).get(timeout=3); break
        except KafkaError: pass
