import json
import os
import sys
from dataclasses import asdict, dataclass

from kafka import KafkaProducer
from kafka.serializer import Serializer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


class ReviewSerializer(Serializer):
    """A review as JSON in UTF-8."""

    def serialize(self, topic, headers, data):
        return json.dumps(asdict(data), ensure_ascii=False).encode("utf-8")


class TextSerializer(Serializer):
    """Text in UTF-8."""

    def serialize(self, topic, headers, data):
        return data.encode("utf-8")


@dataclass
class Review:
    """What somebody thinks of a product."""

    review_id: str
    product_id: str
    user_id: str
    rating: int
    comment: str | None


producer = KafkaProducer(
    bootstrap_servers=servers, key_serializer=TextSerializer(), value_serializer=ReviewSerializer()
)
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        review = Review(**json.loads(line))
        producer.send("reviews", key=review.product_id, value=review)
producer.flush()
