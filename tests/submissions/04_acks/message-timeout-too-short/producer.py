import os, sys
from confluent_kafka import Producer
p = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "acks": sys.argv[1], "message.timeout.ms": 2000})
for i in range(int(sys.argv[2])): p.produce("payments", f"{i}")
p.flush()
