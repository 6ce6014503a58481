from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=["localhost"])
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
