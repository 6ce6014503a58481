import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    acks = sys.argv[1] if sys.argv[1] == "all" else int(sys.argv[1])
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], acks=acks, enable_idempotence=acks == "all"
    )
    await producer.start()
    try:
        messages = [f"payment {number}".encode() for number in range(int(sys.argv[2]))]
        futures = [await producer.send("payments", message) for message in messages]
        await asyncio.gather(*futures)
    finally:
        await producer.stop()


asyncio.run(main())
