import os
import sys

from kafka import KafkaProducer

delivered = []
failed = []


class Sender:
    def __init__(self, acks):
        self.producer = KafkaProducer(
            bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
            acks=acks,
            value_serializer=lambda value: str(value).encode(),
        )

    def send(self, value):
        future = self.producer.send("payments", value)
        future.add_callback(delivered.append)
        future.add_errback(failed.append)


sender = Sender("all" if sys.argv[1] == "all" else int(sys.argv[1]))
left = int(sys.argv[2])
while left:
    sender.send(left)
    left -= 1
sender.producer.flush()
sys.exit(1 if failed else 0)
