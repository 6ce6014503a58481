from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="localhost:19092")
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
