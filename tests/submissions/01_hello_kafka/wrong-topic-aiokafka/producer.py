import asyncio
import os

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    await producer.start()
    try:
        await producer.send_and_wait("greetings", b"Hello, Kafka!")
    finally:
        await producer.stop()


asyncio.run(main())
