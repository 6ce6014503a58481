import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        compression_type="gzip",
        linger_ms=50,
        max_batch_size=65536,
    )
    await producer.start()
    try:
        with open(sys.argv[1], "rb") as events:
            for line in events:
                await producer.send("events", line.rstrip(b"\n"))
    finally:
        await producer.stop()


asyncio.run(main())
