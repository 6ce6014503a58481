"""Lab `keys`: which partition a key chooses, and what happens without one."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import aiokafka
import confluent_kafka
from kafka import KafkaProducer
from kafka.partitioner import StickyPartitioner

from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import grid
from grader.labs.stage import Stage
from grader.model import Record, Topic

PARTITIONS = 6


def same_key(servers: str, key: bytes) -> None:
    """60 records of one key."""
    producer = KafkaProducer(bootstrap_servers=servers)
    for number in range(60):
        producer.send("same-key", key=key, value=b"%d" % number)
    producer.close()


def same_key_confluent(servers: str, key: bytes) -> None:
    """The same with confluent-kafka, whose partitioner hashes with CRC32."""
    producer = confluent_kafka.Producer({"bootstrap.servers": servers})
    for number in range(60):
        producer.produce("same-key-confluent", key=key, value=b"%d" % number)
    producer.flush()


async def same_key_aiokafka(servers: str, key: bytes) -> None:
    """The same with aiokafka."""
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=servers) as producer:
        for number in range(60):
            await producer.send_and_wait("same-key-aiokafka", key=key, value=b"%d" % number)


def empty_key(servers: str) -> None:
    """The empty key is a key."""
    producer = KafkaProducer(bootstrap_servers=servers)
    for number in range(60):
        producer.send("empty-key", key=b"", value=b"%d" % number)
    producer.close()


def explicit_partition(servers: str, key: bytes) -> None:
    """A stated partition goes before the key."""
    producer = KafkaProducer(bootstrap_servers=servers)
    for number in range(60):
        producer.send("explicit-partition", key=key, partition=number % 6, value=b"%d" % number)
    producer.close()


def no_key(servers: str) -> None:
    """Without a key, 600 records."""
    producer = KafkaProducer(bootstrap_servers=servers)
    for number in range(600):
        producer.send("no-key", value=b"%d" % number)
    producer.close()


def no_key_sticky(servers: str) -> None:
    """Without a key, the sticky partitioner: a partition is kept until its batch is full or sent."""
    producer = KafkaProducer(bootstrap_servers=servers, partitioner=StickyPartitioner(), linger_ms=200)
    for number in range(600):
        producer.send("no-key-sticky", value=b"%d" % number)
    producer.close()


def no_key_sticky_long(servers: str) -> None:
    """The same with 6,000 longer records, which fill many batches."""
    producer = KafkaProducer(bootstrap_servers=servers, partitioner=StickyPartitioner(), linger_ms=200)
    for number in range(6_000):
        producer.send("no-key-sticky-long", value=b"%0100d" % number)
    producer.close()


def no_key_confluent(servers: str) -> None:
    """Without a key with confluent-kafka: sticky by default, once it knows the topic."""
    producer = confluent_kafka.Producer({"bootstrap.servers": servers})
    producer.list_topics("no-key-confluent")
    for number in range(600):
        producer.produce("no-key-confluent", value=b"%d" % number)
    producer.flush()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the records of one program went.

    Attributes:
        counts: Records by partition.
        in_a_row: How many records sent one after another went to one partition, on average.
    """

    topic: str
    counts: tuple[int, ...]
    in_a_row: float

    @property
    def used(self) -> int:
        """How many partitions hold a record."""
        return sum(count > 0 for count in self.counts)


SHOWN = {
    "same-key": ("the same key", "kafka-python"),
    "same-key-confluent": ("the same key", "confluent-kafka"),
    "same-key-aiokafka": ("the same key", "aiokafka"),
    "empty-key": ('the empty key b""', "kafka-python"),
    "explicit-partition": ("key and partition=0 to 5", "kafka-python"),
    "no-key": ("no key", "kafka-python"),
    "no-key-sticky": ("no key, sticky", "kafka-python"),
    "no-key-sticky-long": ("no key, sticky, long records", "kafka-python"),
    "no-key-confluent": ("no key", "confluent-kafka"),
}


def measure(stage: Stage, draw: random.Random) -> tuple[Placed, ...]:
    """Run every program on a topic of its own, and see where its records are."""
    key = f"customer-{draw.randrange(1000)}".encode()
    stage.make(*(Topic(name, PARTITIONS) for name in SHOWN))
    with stage.watch():
        same_key(stage.servers, key)
        same_key_confluent(stage.servers, key)
        asyncio.run(same_key_aiokafka(stage.servers, key))
        empty_key(stage.servers)
        explicit_partition(stage.servers, key)
        no_key(stage.servers)
        no_key_sticky(stage.servers)
        no_key_sticky_long(stage.servers)
        no_key_confluent(stage.servers)
    records = stage.records(*SHOWN)
    return tuple(placed(name, [each for each in records if each.topic == name]) for name in SHOWN)


def placed(topic: str, records: Sequence[Record]) -> Placed:
    """Count by partition, and how long a partition was kept, in the order of sending."""
    counts = Counter(each.partition for each in records)
    order = sorted(records, key=lambda each: int(each.value or b"0"))
    runs = sum(1 for _ in itertools.groupby(order, lambda each: each.partition))
    return Placed(topic, tuple(counts[number] for number in range(PARTITIONS)), len(records) / max(runs, 1))


def sentence(figures: Sequence[Placed]) -> str:
    """Say what the figures say."""
    of = {each.topic: each for each in figures}
    same = [of[name] for name in ("same-key", "same-key-confluent", "same-key-aiokafka")]
    one = all(each.used == 1 for each in same)
    used = ", ".join(f"{SHOWN[each.topic][1]} {each.used}" for each in same)
    kept = "kept to one partition with each client" if one else f"did not keep to one partition ({used})"
    free, sticky = of["no-key"], of["no-key-sticky"]
    return (
        f"The same key {kept}, while {sum(free.counts)} records without a key went to {free.used} of "
        f"{PARTITIONS} partitions, {free.in_a_row:.1f} in a row on average; the sticky partitioner put "
        f"{sum(sticky.counts)} of them on {sticky.used}, {sticky.in_a_row:.0f} in a row."
    )


def show(figures: Sequence[Placed]) -> Finding:
    """Show where the records are."""
    rows = tuple(
        (
            *SHOWN[each.topic],
            f"{sum(each.counts)}",
            f"{each.used} of {PARTITIONS}",
            f"{each.in_a_row:.1f}",
            " ".join(map(str, each.counts)),
        )
        for each in figures
    )
    columns = ("sent with", "client", "records", "partitions used", "in a row", "in partition 0 to 5")
    dots = {f"{', '.join(SHOWN[each.topic])}": each.counts for each in figures}
    return Finding(
        table=Table(columns, rows),
        plot=grid("Records by partition", dots, [f"partition {number}" for number in range(PARTITIONS)]),
        sentence=sentence(figures),
        notes=(
            "“In a row” is how many records, sent one after another, went to one partition on average.",
            "Clients may place one key differently: their hashes differ (lab partitions compares them).",
        ),
    )


LAB = Lab(
    question="Which partition does a key choose, and what happens without one?",
    measure=measure,
    show=show,
    programs=(
        same_key,
        same_key_confluent,
        same_key_aiokafka,
        empty_key,
        explicit_partition,
        no_key,
        no_key_sticky,
        no_key_sticky_long,
        no_key_confluent,
    ),
)
