import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
    async with AIOKafkaProducer(bootstrap_servers=servers, compression_type="gzip") as producer:
        waiting = []
        for line in open(sys.argv[1], "rb"):
            waiting.append(await producer.send("events", value=line.strip()))
        await asyncio.gather(*waiting)


asyncio.run(main())
