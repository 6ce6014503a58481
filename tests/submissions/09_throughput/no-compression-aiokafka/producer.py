import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], linger_ms=50, max_batch_size=65536
    )
    await producer.start()
    for line in open(sys.argv[1], "rb"):
        await producer.send("events", line.strip())
    await producer.stop()


asyncio.run(main())
