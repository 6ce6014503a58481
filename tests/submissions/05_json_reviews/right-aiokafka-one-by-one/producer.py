import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    await producer.start()
    try:
        for line in open(sys.argv[1], "rb"):
            review = json.loads(line)
            await producer.send_and_wait("reviews", key=review["product_id"].encode(), value=line)
    finally:
        await producer.stop()


asyncio.run(main())
