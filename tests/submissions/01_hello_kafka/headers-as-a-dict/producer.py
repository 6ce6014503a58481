import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers)
producer.send("test_topic", b"Hello, Kafka!", headers={"language": b"en"})
producer.flush()
