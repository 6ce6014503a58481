import os
from kafka import KafkaProducer

with KafkaProducer(bootstrap_servers=[os.environ["KAFKA_BOOTSTRAP_SERVERS"]]) as producer:
    for i in range(1, 11):
        producer.send("test_topic", key=b"key-%d" % i, value=b"%d" % i)
