import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError


async def main(topic, message):
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"], request_timeout_ms=10000
    )
    try:
        await producer.start()
        m = await producer.send_and_wait(topic, message.encode())
        print(f"{m.topic}-{m.partition}@{m.offset}")
        return 0
    except KafkaError:
        return 1
    finally:
        await producer.stop()


sys.exit(asyncio.run(main(*sys.argv[1:])))
