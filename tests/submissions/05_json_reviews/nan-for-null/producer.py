import json, os, sys
from kafka import KafkaProducer
p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], value_serializer=lambda r: json.dumps(r).encode())
for l in open(sys.argv[1], encoding="utf-8"):
    r = json.loads(l)
    if r["comment"] is None: r["comment"] = float("nan")
    p.send("reviews", key=r["product_id"].encode(), value=r)
p.flush()
