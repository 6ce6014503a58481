import json, os
from kafka import KafkaAdminClient, KafkaProducer
s = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
out = []
for b in KafkaAdminClient(bootstrap_servers=s).describe_cluster()["brokers"]:
    out.append({"id": b["broker_id"], "host": b["host"], "port": b["port"]})
    print(json.dumps(out))
p = KafkaProducer(bootstrap_servers=s)
n = len(p.partitions_for("discovery"))
for i in range(1, n + 1):
    p.send("discovery", b"x", partition=i % (n - 1))
p.flush()
