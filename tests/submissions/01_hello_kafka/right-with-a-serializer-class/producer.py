import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

from kafka.serializer import Serializer


class TextSerializer(Serializer):
    def serialize(self, topic, headers, data):
        return None if data is None else data.encode("utf-8")


producer = KafkaProducer(bootstrap_servers=servers, key_serializer=TextSerializer(), value_serializer=TextSerializer())
producer.send("test_topic", key="greeting", value="Hello, Kafka!")
producer.flush(timeout=20)
