import asyncio

from aiokafka import AIOKafkaProducer


async def send():
    producer = AIOKafkaProducer(bootstrap_servers="localhost:29092")
    await producer.start()
    await producer.send_and_wait("test_topic", b"Hello, Kafka!")
    await producer.stop()


asyncio.run(send())
