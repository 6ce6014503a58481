TOPIC = "test_topic"
MESSAGE = "Hello, Kafka!".encode()
