import asyncio
import json
import os

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

SERVERS = os.environ["KAFKA_BOOTSTRAP_SERVERS"]


async def brokers():
    admin = AIOKafkaAdminClient(bootstrap_servers=SERVERS)
    await admin.start()
    try:
        cluster = await admin.describe_cluster()
        return [{"id": b["node_id"], "host": b["host"], "port": b["port"]} for b in cluster["brokers"]]
    finally:
        await admin.close()


async def send():
    producer = AIOKafkaProducer(bootstrap_servers=SERVERS, acks="all")
    await producer.start()
    try:
        for partition in sorted(await producer.partitions_for("discovery")):
            await producer.send_and_wait("discovery", value=b"1", partition=partition)
    finally:
        await producer.stop()


print(json.dumps({"brokers": asyncio.run(brokers())}))
asyncio.run(send())
