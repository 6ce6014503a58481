from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="localhost:9092")
for i in range(1, 11):
    producer.send("test_topic", key=f"key-{i}".encode(), value=f"message {i}".encode())
producer.flush()
