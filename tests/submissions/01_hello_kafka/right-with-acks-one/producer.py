import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

producer = KafkaProducer(bootstrap_servers=servers, acks=1, linger_ms=20, compression_type="gzip")
producer.send(topic="test_topic", value=b"Hello, Kafka!")
producer.flush()
producer.close(timeout=10)
