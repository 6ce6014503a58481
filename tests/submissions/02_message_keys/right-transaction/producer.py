import os
from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], transactional_id="exercise-02")
producer.init_transactions()
producer.begin_transaction()
for i in range(1, 11):
    producer.send("test_topic", key=f"key-{i}".encode(), value=b"hello")
producer.commit_transaction()
producer.close()
