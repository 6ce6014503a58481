import os, threading
from kafka import KafkaProducer
def work():
    p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    p.send("test_topic", b"Hello, Kafka!").get(timeout=20)
t = threading.Thread(target=work, daemon=True)
t.start()
t.join(timeout=2)
