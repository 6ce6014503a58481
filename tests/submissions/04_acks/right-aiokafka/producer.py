import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    acks = {"0": 0, "1": 1}.get(sys.argv[1], sys.argv[1])
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks=acks)
    await producer.start()
    try:
        for number in range(int(sys.argv[2])):
            await producer.send_and_wait("payments", f"payment {number}".encode())
    finally:
        await producer.stop()


asyncio.run(main())
