import argparse
import logging
import os
from kafka import KafkaProducer

logging.basicConfig(level=logging.INFO)
log = logging.getLogger("producer")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--servers", default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
    parser.add_argument("--count", type=int, default=10)
    args = parser.parse_args()
    producer = KafkaProducer(bootstrap_servers=args.servers, retries=5)
    try:
        for number in range(1, args.count + 1):
            log.info("sending %d", number)
            producer.send("test_topic", key=f"key-{number}".encode(), value=str(number).encode())
    finally:
        producer.flush()
        producer.close()


if __name__ == "__main__":
    main()
