"""Lab `partitions`: the hash that places a key, and what more partitions do to it."""

import asyncio
import random
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import aiokafka
import confluent_kafka
from kafka import KafkaAdminClient, KafkaProducer

from grader.errors import EvidenceError
from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import flows
from grader.labs.stage import Stage
from grader.model import Record, Topic

KEYS = 40
BEFORE, AFTER = 3, 6
LISTED = 8
GROWTH_LIMIT_S = 10.0
TOPICS = ("orders", "orders-confluent", "orders-aiokafka")

Places = Mapping[bytes, int]


def murmur2(key: bytes) -> int:
    """The hash that Java's client, kafka-python and aiokafka use for keys."""
    factor, bits = 0x5BD1E995, 0xFFFFFFFF
    whole = len(key) - len(key) % 4
    state = 0x9747B28C ^ len(key)
    for (word,) in struct.iter_unpack("<I", key[:whole]):
        mixed = word * factor & bits
        state = state * factor & bits ^ (mixed ^ mixed >> 24) * factor & bits
    if key[whole:]:
        state = (state ^ int.from_bytes(key[whole:], "little")) * factor & bits
    state = (state ^ state >> 13) * factor & bits
    return state ^ state >> 15


def predicted(key: bytes, partitions: int) -> int:
    """The partition of a key: kafka-python, aiokafka, Java."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def predicted_confluent(key: bytes, partitions: int) -> int:
    """The partition of a key: confluent-kafka (librdkafka) with its default partitioner."""
    return zlib.crc32(key) % partitions


def send(servers: str, keys: Sequence[bytes], value: bytes) -> None:
    """One record a key."""
    producer = KafkaProducer(bootstrap_servers=servers)
    for key in keys:
        producer.send("orders", key=key, value=value)
    producer.close()


def send_confluent(servers: str, keys: Sequence[bytes]) -> None:
    """The same with confluent-kafka."""
    producer = confluent_kafka.Producer({"bootstrap.servers": servers})
    for key in keys:
        producer.produce("orders-confluent", key=key, value=b"")
    producer.flush()


async def send_aiokafka(servers: str, keys: Sequence[bytes]) -> None:
    """The same with aiokafka."""
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=servers) as producer:
        for key in keys:
            await producer.send_and_wait("orders-aiokafka", key=key, value=b"")


def add_partitions(servers: str) -> None:
    """Partitions can be added, never taken away."""
    admin = KafkaAdminClient(bootstrap_servers=servers)
    admin.create_partitions({"orders": 6})
    admin.close()


@dataclass(frozen=True, slots=True)
class Figures:
    """The partition of each key's record, as the broker stored it.

    Attributes:
        before: Sent while there were three partitions.
        left: The same records, looked for after partitions had been added.
        after: Sent by the same program to six partitions.
        aiokafka: Sent to three partitions by that client.
        confluent: Sent to three partitions by that client.
    """

    before: Places
    left: Places
    after: Places
    aiokafka: Places
    confluent: Places

    @property
    def moved(self) -> int:
        """How many keys have records on two partitions."""
        return sum(self.after[key] != partition for key, partition in self.left.items())

    @property
    def agreed(self) -> Mapping[str, int]:
        """For each client, how many keys went where its hash says."""
        return {
            "kafka-python": _agreed(self.before, predicted, BEFORE),
            "aiokafka": _agreed(self.aiokafka, predicted, BEFORE),
            "confluent-kafka": _agreed(self.confluent, predicted_confluent, BEFORE),
            "kafka-python, 6 partitions": _agreed(self.after, predicted, AFTER),
        }


def _agreed(places: Places, hashed: Callable[[bytes, int], int], partitions: int) -> int:
    return sum(partition == hashed(key, partitions) for key, partition in places.items())


def measure(stage: Stage, draw: random.Random) -> Figures:
    """Send the same keys before and after partitions are added."""
    keys = [f"customer-{number}".encode() for number in draw.sample(range(1000), KEYS)]
    stage.make(*(Topic(name, BEFORE) for name in TOPICS))
    with stage.watch():
        send(stage.servers, keys, b"before")
        send_confluent(stage.servers, keys)
        asyncio.run(send_aiokafka(stage.servers, keys))
        first = stage.records(*TOPICS)
        add_partitions(stage.servers)
        await_partitions(stage)
        send(stage.servers, keys, b"after")
    later = stage.records("orders")
    return Figures(
        before=_places(first, "orders", b"before"),
        left=_places(later, "orders", b"before"),
        after=_places(later, "orders", b"after"),
        aiokafka=_places(first, "orders-aiokafka", b""),
        confluent=_places(first, "orders-confluent", b""),
    )


def _places(records: Sequence[Record], topic: str, value: bytes) -> Places:
    return {
        each.key or b"": each.partition for each in records if each.topic == topic and each.value == value
    }


def await_partitions(stage: Stage) -> None:
    """Wait until clients are told of the new partitions."""
    deadline = time.monotonic() + GROWTH_LIMIT_S
    while stage.sizes()["orders"] != AFTER:
        if time.monotonic() > deadline:
            raise EvidenceError(f"The partitions were not added within {GROWTH_LIMIT_S:.0f} s.")


def sentence(figures: Figures) -> str:
    """Say what the figures say."""
    count = len(figures.before)
    right = min(figures.agreed.values())
    hit = f"all {count}" if right == count else f"{right} of {count}"
    stayed = len(figures.left.items() & figures.before.items())
    earlier = "all records" if stayed == count else f"only {stayed} of {count} records"
    return (
        f"The hash of the key, modulo the number of partitions, told the place of {hit} keys with each "
        f"client; after partitions were added (3 → 6), {figures.moved} of {count} keys go to another "
        f"partition than before, while {earlier} sent earlier are where they were."
    )


def show(figures: Figures) -> Finding:
    """Show some keys, and the way of all."""
    rows = tuple(
        (
            key.decode(),
            f"{murmur2(key) & 0x7FFFFFFF}",
            *_compared(predicted(key, BEFORE), place),
            *_compared(predicted(key, AFTER), figures.after[key]),
            "moved" if place != figures.after[key] else "",
        )
        for key, place in sorted(figures.before.items())[:LISTED]
    )
    ways = Counter((place, figures.after[key]) for key, place in figures.before.items())
    columns = ("key", "hash", "hash % 3", "went to", "hash % 6", "goes to", "")
    sides = [[f"partition {number}" for number in range(count)] for count in (BEFORE, AFTER)]
    agreed = ", ".join(f"{name} {number}" for name, number in figures.agreed.items())
    return Finding(
        table=Table(columns, rows),
        plot=flows(f"{len(figures.before)} keys before and after partitions are added", ways, *sides),
        sentence=sentence(figures),
        notes=(
            f"The first {len(rows)} of {len(figures.before)} keys. Went where the hash said: {agreed}.",
            "Order holds within a partition only: a key that moved has records on two, in no common order.",
        ),
    )


def _compared(foreseen: int, place: int) -> tuple[str, str]:
    return f"{foreseen}", f"{place}" if foreseen == place else f"{place} (not {foreseen})"


LAB = Lab(
    question="How is a key's partition computed, and what do more partitions do to it?",
    measure=measure,
    show=show,
    programs=(murmur2, predicted, predicted_confluent, send, send_confluent, send_aiokafka, add_partitions),
)
