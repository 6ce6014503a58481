import os

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))

partitions = sorted(producer.partitions_for("test_topic"))
for i in range(1, 11):
    producer.send(
        "test_topic",
        key=f"key-{i}".encode(),
        value=b"hello",
        partition=partitions[i % len(partitions)],
        headers=[("number", str(i).encode())],
        timestamp_ms=1_790_000_000_000 + i,
    )
producer.flush()
