import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
    producer = AIOKafkaProducer(bootstrap_servers=servers, compression_type="lz4", max_batch_size=200_000)
    await producer.start()
    partitions = sorted(await producer.partitions_for("events"))
    turn = 0
    batch = producer.create_batch()
    waiting = []
    for line in open(sys.argv[1], "rb").read().splitlines():
        if batch.append(key=None, value=line, timestamp=None) is None:
            waiting.append(await producer.send_batch(batch, "events", partition=partitions[turn]))
            turn = (turn + 1) % len(partitions)
            batch = producer.create_batch()
            batch.append(key=None, value=line, timestamp=None)
    waiting.append(await producer.send_batch(batch, "events", partition=partitions[turn]))
    for each in waiting:
        await each
    await producer.stop()


asyncio.run(main())
