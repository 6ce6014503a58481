import os
from kafka import KafkaProducer
from kafka.errors import KafkaError
p = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
for attempt in range(10):
    try:
        p.send("test_topic", b"Hello, Kafka!").get(timeout=3)
        break
    except KafkaError:
        continue
