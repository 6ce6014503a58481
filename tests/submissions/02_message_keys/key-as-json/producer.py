import json
import os

from kafka import KafkaProducer

def as_json(content):
    return json.dumps(content).encode("utf-8")

producer = KafkaProducer(
    bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"],
    key_serializer=as_json,
    value_serializer=as_json,
)
for i in range(1, 11):
    producer.send("test_topic", key=f"key-{i}", value={"number": i})
producer.close()
