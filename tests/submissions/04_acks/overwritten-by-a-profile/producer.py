import os
import sys

from kafka import KafkaProducer

SAFE = {"acks": "all", "linger_ms": 5, "compression_type": "gzip"}


def main():
    acks = sys.argv[1] if sys.argv[1] == "all" else int(sys.argv[1])
    settings = {"bootstrap_servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "acks": acks}
    settings.update(SAFE)
    producer = KafkaProducer(**settings)
    for number in range(int(sys.argv[2])):
        producer.send("payments", b"payment %d" % number)
    producer.close()


main()
