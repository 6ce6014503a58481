import os
import sys

from kafka import KafkaProducer
from reviews import as_json, read, text

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
producer = KafkaProducer(bootstrap_servers=servers, key_serializer=text, value_serializer=as_json)
for review in read(sys.argv[1]):
    producer.send("reviews", key=review["product_id"], value=review)
producer.flush()
