import json
import os
from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(","),
    key_serializer=str.encode,
    value_serializer=lambda value: json.dumps(value).encode("utf-8"),
)
for i in range(1, 11):
    producer.send("test_topic", key=f"key-{i}", value={"number": i, "text": "Grüße"})
producer.close()
