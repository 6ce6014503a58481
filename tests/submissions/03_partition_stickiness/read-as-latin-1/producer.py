import json, os, sys
from kafka import KafkaProducer
p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], max_in_flight_requests_per_connection=1)
for l in open(sys.argv[1], encoding="latin-1"):
    o = json.loads(l)
    p.send("orders", key=o["customer_id"].encode(), value=json.dumps(o).encode())
p.flush()
