import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    producer = AIOKafkaProducer(bootstrap_servers=servers)
    await producer.start()
    try:
        for number in range(int(sys.argv[2])):
            await producer.send_and_wait("payments", f"payment {number}".encode())
    finally:
        await producer.stop()


asyncio.run(main())
