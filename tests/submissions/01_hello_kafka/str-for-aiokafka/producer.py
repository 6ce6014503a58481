import asyncio
import os

from aiokafka import AIOKafkaProducer


async def send(producer):
    await producer.send_and_wait("test_topic", "Hello, Kafka!")


async def main():
    async with AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
        await asyncio.gather(send(producer))


asyncio.run(main())
