import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


def main():
    producer = KafkaProducer(bootstrap_servers=servers)
    metadata = producer.send("test_topic", b"Hello, Kafka!").get(timeout=10)
    print("Stored in partition", metadata.partition)
    print("at offset " + metadata.offset)


main()
