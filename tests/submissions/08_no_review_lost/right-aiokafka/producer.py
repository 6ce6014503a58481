import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], enable_idempotence=True)
    await producer.start()
    try:
        with open(sys.argv[1], "rb") as reviews:
            sent = []
            for line in reviews:
                review = json.loads(line)
                future = await producer.send("reviews", line.rstrip(), review["product_id"].encode())
                sent.append((review["review_id"], future))
        with open(sys.argv[2], "w") as acked:
            for review_id, future in sent:
                await future
                print(review_id, file=acked, flush=True)
    finally:
        await producer.stop()


asyncio.run(main())
