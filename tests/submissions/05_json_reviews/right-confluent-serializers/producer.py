import json
import os
import sys

from confluent_kafka import SerializingProducer
from confluent_kafka.serialization import StringSerializer

producer = SerializingProducer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        "key.serializer": StringSerializer("utf_8"),
        "value.serializer": lambda review, context: json.dumps(review).encode("utf-8"),
    }
)
for line in open(sys.argv[1], encoding="utf-8"):
    review = json.loads(line)
    producer.produce("reviews", key=review["product_id"], value=review)
producer.flush()
