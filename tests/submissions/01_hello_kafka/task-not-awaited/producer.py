import asyncio, os
from aiokafka import AIOKafkaProducer
async def send(p):
    await p.send_and_wait("test_topic", b"Hello, Kafka!")
async def main():
    p = AIOKafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    await p.start()
    asyncio.create_task(send(p))
asyncio.run(main())
