import asyncio
import os

from aiokafka import AIOKafkaProducer

async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    await producer.start()
    try:
        for i in range(1, 11):
            await producer.send_and_wait("test_topic", f"key-{i}".encode())
    finally:
        await producer.stop()

asyncio.run(main())
