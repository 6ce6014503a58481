import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=sys.argv[1])
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
