import os, sys, atexit
from functools import lru_cache
from kafka import KafkaProducer
@lru_cache
def producer(acks):
    p = KafkaProducer(bootstrap_servers=[x.strip() for x in os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "").split(",")], acks=acks, batch_size=0, max_in_flight_requests_per_connection=1, enable_idempotence=False, retries=3)
    atexit.register(p.close)
    return p
acks = {"all": -1}.get(sys.argv[1]) or int(sys.argv[1])
for i in range(int(sys.argv[2], 10)):
    producer(acks).send("payments", key=b"k", value=f"payment {i}/{sys.argv[2]}".encode())
producer(acks).flush()
print("done")
