import os
import sys

from kafka import KafkaProducer

acks = "all" if sys.argv[1] == "all" else int(sys.argv[1])
settings = {"bootstrap_servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]}
if acks:
    settings["acks"] = acks
with KafkaProducer(**settings) as producer:
    for number in range(int(sys.argv[2])):
        producer.send("payments", value=str(number).encode())
