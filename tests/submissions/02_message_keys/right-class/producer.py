import os
from kafka import KafkaProducer


class KeyedSender:
    def __init__(self, servers, topic):
        self.topic = topic
        self.producer = KafkaProducer(bootstrap_servers=servers, linger_ms=50)

    def send(self, number):
        self.producer.send(self.topic, key=f"key-{number}".encode(), value=f"value-{number}".encode())

    def close(self):
        self.producer.close()


sender = KeyedSender(os.environ["KAFKA_BOOTSTRAP_SERVERS"], "test_topic")
for number in range(10, 0, -1):
    sender.send(number)
sender.close()
