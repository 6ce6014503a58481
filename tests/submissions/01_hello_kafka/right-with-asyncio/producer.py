import asyncio
import os

from aiokafka import AIOKafkaProducer


async def main():
    producer = AIOKafkaProducer(
        bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        value_serializer=str.encode,
    )
    await producer.start()
    try:
        await producer.send_and_wait("test_topic", "Hello, Kafka!")
    finally:
        await producer.stop()


if __name__ == "__main__":
    asyncio.run(main())
