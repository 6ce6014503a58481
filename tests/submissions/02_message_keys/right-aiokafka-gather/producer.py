import asyncio
import os
from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks="all")
    await producer.start()
    try:
        sends = [producer.send_and_wait("test_topic", b"v", key=f"key-{i}".encode()) for i in range(1, 11)]
        await asyncio.gather(*sends)
    finally:
        await producer.stop()


asyncio.run(main())
