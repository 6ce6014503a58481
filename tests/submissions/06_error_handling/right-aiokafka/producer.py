import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError


async def main(topic: str, message: str) -> str:
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    producer = AIOKafkaProducer(bootstrap_servers=servers, request_timeout_ms=11_000)
    try:
        await producer.start()
        stored = await producer.send_and_wait(topic, message.encode())
    except KafkaConnectionError as error:
        sys.exit(f"cannot connect: {error}")
    except KafkaError as error:
        sys.exit(f"{error}: {topic} ({len(message)} bytes)")
    finally:
        await producer.stop()
    return f"{stored.topic}-{stored.partition}@{stored.offset}"


print(asyncio.run(main(*sys.argv[1:])))
