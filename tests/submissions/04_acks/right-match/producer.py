import os
import sys

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

match sys.argv[1]:
    case "all" as acks:
        pass
    case digits:
        acks = int(digits)

with KafkaProducer(bootstrap_servers=servers, acks=acks) as producer:
    for number in range(int(sys.argv[2])):
        producer.send("payments", value=b"payment", key=str(number).encode())
