import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    async with AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
        sent = []
        for line in open(sys.argv[1], "rb"):
            key = json.loads(line)["customer_id"].encode()
            sent.append(await producer.send("orders", key=key, value=line.strip()))
        await asyncio.gather(*sent)


asyncio.run(main())
