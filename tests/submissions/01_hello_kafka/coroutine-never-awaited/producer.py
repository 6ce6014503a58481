import os

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.getenv("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))
    await producer.start()
    await producer.send_and_wait("test_topic", b"Hello, Kafka!")
    await producer.stop()


main()
