import asyncio
import os

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    await producer.start()
    await producer.send("test_topic", b"Hello, Kafka!")


asyncio.run(main())
