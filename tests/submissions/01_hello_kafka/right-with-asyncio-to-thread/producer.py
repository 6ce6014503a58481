import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import asyncio


async def main():
    producer = await asyncio.to_thread(KafkaProducer, bootstrap_servers=servers)
    future = await asyncio.to_thread(producer.send, "test_topic", b"Hello, Kafka!")
    metadata = await asyncio.to_thread(future.get, 15)
    print("offset", metadata.offset)
    await asyncio.to_thread(producer.close)


asyncio.run(main())
