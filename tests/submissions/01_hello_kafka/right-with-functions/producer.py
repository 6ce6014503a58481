import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")


def make_producer():
    return KafkaProducer(bootstrap_servers=servers)


def send(producer, topic, text):
    producer.send(topic, text.encode("utf-8"))


def main():
    producer = make_producer()
    send(producer, "test_topic", "Hello, Kafka!")
    producer.close()


if __name__ == "__main__":
    main()
