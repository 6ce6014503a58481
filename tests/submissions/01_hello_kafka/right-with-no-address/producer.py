from kafka import KafkaProducer

producer = KafkaProducer()
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
