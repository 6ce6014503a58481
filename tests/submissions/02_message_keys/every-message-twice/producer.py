import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

def send_all():
    for i in range(1, 11):
        producer.send("test_topic", key=f"key-{i}".encode(), value=f"message {i}".encode())

send_all()
producer.flush()

if __name__ == "__main__":
    send_all()
    producer.flush()
