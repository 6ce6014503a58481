from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=["127.0.0.1:2181"], bootstrap_timeout_ms=3000)
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
