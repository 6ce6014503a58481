import asyncio
import os
from aiokafka import AIOKafkaProducer


async def main():
    async with AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
        for i in range(1, 11):
            await producer.send_and_wait("test_topic", key=f"key-{i}".encode(), value=b"hello")


asyncio.run(main())
