from confluent_kafka import Producer

producer = Producer({"bootstrap.servers": "localhost:29092"})
producer.produce("test_topic", b"Hello, Kafka!")
left = producer.flush(5)
print(left, "messages were not delivered")
