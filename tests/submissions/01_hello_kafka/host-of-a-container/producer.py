from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=["kafka:29092"], bootstrap_timeout_ms=4000)
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
