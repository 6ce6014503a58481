import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

from concurrent.futures import ThreadPoolExecutor

def send(i):
    return producer.send("test_topic", key=f"key-{i}".encode(), value=b"from a thread").get(timeout=20)

with ThreadPoolExecutor(4) as pool:
    list(pool.map(send, range(1, 11)))
