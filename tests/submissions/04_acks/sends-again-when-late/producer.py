import os, sys
from kafka import KafkaProducer
from kafka.errors import KafkaError
a = sys.argv[1]
p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks=a if a == "all" else int(a))
fs = [(i, p.send("payments", b"%d" % i)) for i in range(int(sys.argv[2]))]
for i, f in fs:
    try: f.get(timeout=3)
    except KafkaError:
        p.send("payments", b"%d" % i)
p.flush()
