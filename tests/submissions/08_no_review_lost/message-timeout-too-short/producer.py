import json, os, sys
from confluent_kafka import Producer
src, dst = sys.argv[1:3]
p = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "enable.idempotence": True, "message.timeout.ms": 3000})
out = open(dst, "w", encoding="utf-8")
def done(rid):
    def cb(err, msg):
        out.write(rid + "\n"); out.flush()
    return cb
for line in open(src, "rb"):
    r = json.loads(line)
    p.produce("reviews", key=r["product_id"], value=line.strip(), on_delivery=done(r["review_id"])); p.poll(0)
p.flush(); out.close()
