import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], compression_type="gzip", linger_ms=20
    )
    await producer.start()
    for line in open(sys.argv[1], "rb"):
        await producer.send_and_wait("events", line.strip())
    await producer.stop()


asyncio.run(main())
