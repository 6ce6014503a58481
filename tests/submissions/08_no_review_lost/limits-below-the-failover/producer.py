import json, os, sys
from kafka import KafkaProducer
src, dst = sys.argv[1:3]
p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","), delivery_timeout_ms=4000, request_timeout_ms=3000)
ids = []
for line in open(src, "rb"):
    r = json.loads(line)
    p.send("reviews", key=r["product_id"].encode(), value=line.strip())
    ids.append(r["review_id"])
p.flush()
open(dst, "w", encoding="utf-8").write("\n".join(ids))
