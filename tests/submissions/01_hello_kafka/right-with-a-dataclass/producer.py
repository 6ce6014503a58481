import os
from dataclasses import dataclass, field

from kafka import KafkaProducer


@dataclass(frozen=True)
class Message:
    topic: str
    text: str

    @property
    def payload(self) -> bytes:
        return self.text.encode("utf-8")


@dataclass
class Settings:
    bootstrap_servers: str = field(
        default_factory=lambda: os.getenv("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
    )
    acks: str = "all"


def publish(message: Message, settings: Settings) -> None:
    producer = KafkaProducer(**vars(settings))
    try:
        producer.send(message.topic, message.payload).get(timeout=30)
    finally:
        producer.close()


publish(Message("test_topic", "Hello, Kafka!"), Settings())
