import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    async with AIOKafkaProducer(
        bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        key_serializer=str.encode,
        value_serializer=lambda review: json.dumps(review).encode("utf-8"),
    ) as producer:
        with open(sys.argv[1], encoding="utf-8") as file:
            for line in file:
                review = json.loads(line)
                await producer.send("reviews", key=review["product_id"], value=review)


asyncio.run(main())
