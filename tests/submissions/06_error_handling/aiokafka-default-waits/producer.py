import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer


async def main(topic, message):
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    producer = AIOKafkaProducer(bootstrap_servers=servers)
    try:
        await producer.start()
        m = await producer.send_and_wait(topic, message.encode())
        print(f"{m.topic}-{m.partition}@{m.offset}")
    except Exception as e:
        sys.exit(f"{len(message)} bytes to {topic} at {servers}: {e!r}")
    finally:
        await producer.stop()


asyncio.run(main(*sys.argv[1:]))
