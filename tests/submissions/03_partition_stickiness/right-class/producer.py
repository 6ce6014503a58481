import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaProducer


@dataclass
class OrderSender:
    servers: str
    topic: str = "orders"
    futures: list = field(default_factory=list)

    def __enter__(self):
        self.producer = KafkaProducer(bootstrap_servers=self.servers)
        return self

    def __exit__(self, *_):
        for future in self.futures:
            future.get(timeout=20)
        self.producer.close()

    def send(self, line: str) -> None:
        customer = json.loads(line)["customer_id"]
        self.futures.append(self.producer.send(self.topic, key=customer.encode(), value=line.encode()))


with OrderSender(os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as sender:
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        sender.send(line)
