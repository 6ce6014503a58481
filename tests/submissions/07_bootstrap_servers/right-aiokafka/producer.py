import asyncio
import json
import os

from aiokafka import AIOKafkaProducer


async def main():
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(",")
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        partitions = await producer.partitions_for("discovery")
        brokers = producer.client.cluster.brokers()
        print(json.dumps([{"id": b.nodeId, "host": b.host, "port": b.port} for b in brokers]))
        futures = [await producer.send("discovery", b"hello", partition=p) for p in partitions]
        await asyncio.gather(*futures)


asyncio.run(main())
