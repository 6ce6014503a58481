import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], enable_idempotence=True)
    await producer.start()
    try:
        for line in open(sys.argv[1], "rb"):
            await producer.send_and_wait("orders", key=json.loads(line)["customer_id"].encode(), value=line.strip())
    finally:
        await producer.stop()


asyncio.run(main())
