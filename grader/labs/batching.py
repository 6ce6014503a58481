"""Lab `batching`: what linger, batch size and compression do to requests, bytes and speed."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiokafka
import confluent_kafka
from kafka import KafkaProducer

from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import Bar, bars
from grader.labs.spread import Spread, in_turn
from grader.labs.stage import Stage, Watch
from grader.model import Topic

EVENTS = 1_000
# One request a record is slow: enough of them for a rate, few enough for a lab of seconds.
AWAITED = 30
ROUNDS = 6
SLOWLY = 100

Events = Sequence[bytes]
Settings = Mapping[str, str | int]
Send = Callable[[str, Events], None]


def await_each(producer: KafkaProducer, topic: str, events: Events) -> None:
    """Wait for each record before the next."""
    for event in events:
        producer.send(topic, event).get()


def send_all(producer: KafkaProducer, topic: str, events: Events) -> None:
    """Send everything, then wait once."""
    for event in events:
        producer.send(topic, event)
    producer.flush()


def send_slowly(producer: KafkaProducer, topic: str, events: Events) -> None:
    """A stream that comes one record a millisecond."""
    for event in events:
        producer.send(topic, event)
        time.sleep(0.001)
    producer.flush()


def send_all_confluent(producer: confluent_kafka.Producer, topic: str, events: Events) -> None:
    """The same with confluent-kafka."""
    for event in events:
        producer.produce(topic, event)
    producer.flush()


async def send_all_aiokafka(producer: aiokafka.AIOKafkaProducer, topic: str, events: Events) -> None:
    """The same with aiokafka."""
    for event in events:
        await producer.send(topic, event)
    await producer.flush()


@dataclass(frozen=True, slots=True)
class Condition:
    """One way to send.

    Attributes:
        client: The library.
        label: How it is sent, in a few words.
        program: What is run with an open producer.
        settings: The producer's.
        events: How many records a run sends.
    """

    topic: str
    client: str
    label: str
    program: Callable[..., Any]
    settings: Settings = field(default_factory=dict)
    events: int = EVENTS

    def open(self, held: ExitStack, servers: str) -> Send:
        """Open a producer that knows the topic and has sent something; it is closed with `held`."""
        opened = {"confluent-kafka": _confluent, "aiokafka": _aiokafka}.get(self.client, _kafka)
        send = opened(held, servers, self)
        send("warm-up", [b""])
        return send


def _kafka(held: ExitStack, servers: str, condition: Condition) -> Send:
    producer = held.enter_context(KafkaProducer(bootstrap_servers=servers, **condition.settings))
    producer.partitions_for(condition.topic)
    return partial(condition.program, producer)


def _confluent(held: ExitStack, servers: str, condition: Condition) -> Send:
    producer = held.enter_context(confluent_kafka.Producer({"bootstrap.servers": servers}))
    producer.list_topics(condition.topic)
    return partial(condition.program, producer)


def _aiokafka(held: ExitStack, servers: str, condition: Condition) -> Send:
    loop = held.enter_context(asyncio.Runner())

    async def start() -> aiokafka.AIOKafkaProducer:
        producer = aiokafka.AIOKafkaProducer(bootstrap_servers=servers)
        await producer.start()
        await producer.partitions_for(condition.topic)
        return producer

    producer = loop.run(start())
    held.callback(lambda: loop.run(producer.stop()))
    return lambda topic, events: loop.run(condition.program(producer, topic, events))


LARGE: Settings = {"linger_ms": 50, "batch_size": 65_536}
GZIP: Settings = {**LARGE, "compression_type": "gzip"}
CONDITIONS = (
    Condition("await-each", "kafka-python", "send().get() a record", await_each, events=AWAITED),
    Condition("defaults", "kafka-python", "defaults", send_all),
    Condition("small", "kafka-python", "batch_size=1000", send_all, {"batch_size": 1_000}),
    Condition("large", "kafka-python", "linger_ms=50, batch_size=65536", send_all, LARGE),
    Condition("gzip", "kafka-python", "the same, compression gzip", send_all, GZIP),
    Condition("confluent", "confluent-kafka", "defaults", send_all_confluent),
    Condition("aiokafka", "aiokafka", "defaults", send_all_aiokafka),
)
# Their speed is the stream's own, so that once is enough: what counts is their requests.
SLOW = (
    Condition("slow-0", "kafka-python", "one a ms, linger_ms=0", send_slowly, {"linger_ms": 0}, SLOWLY),
    Condition("slow-50", "kafka-python", "one a ms, linger_ms=50", send_slowly, {"linger_ms": 50}, SLOWLY),
)


@dataclass(frozen=True, slots=True)
class Batched:
    """What one way to send came to.

    Attributes:
        requests: Produce requests that the broker took in.
        batch_bytes: Bytes of their record batches.
        raw_bytes: Bytes of the values alone.
        rate: Records a second; nothing where the stream itself sets it.
    """

    condition: Condition
    records: int
    requests: int
    batch_bytes: int
    raw_bytes: int
    rate: Spread | None

    @property
    def records_a_request(self) -> float:
        """How many records share a request."""
        return self.records / max(self.requests, 1)

    @property
    def share(self) -> float:
        """Bytes of the batches as a share of the values' own."""
        return self.batch_bytes / max(self.raw_bytes, 1)


Figures = Mapping[str, Batched]


def measure(stage: Stage, draw: random.Random) -> Figures:
    """Send the same events in every way, in turn, and read the broker's request log."""
    events = [event(draw, number) for number in range(EVENTS)]
    ways = (*CONDITIONS, *SLOW)
    stage.make(Topic("warm-up", 1), *(Topic(each.topic, 3) for each in ways))
    rates: dict[str, list[float]] = {each.topic: [] for each in CONDITIONS}
    with stage.watch() as seen, ExitStack() as held:
        senders = {each.topic: each.open(held, stage.servers) for each in ways}
        for each in in_turn(CONDITIONS, ROUNDS):
            rates[each.topic].append(rate(senders[each.topic], each, events))
        for each in SLOW:
            senders[each.topic](each.topic, events[: each.events])
    spreads = {topic: Spread.of(measured) for topic, measured in rates.items()}
    return {each.topic: batched(each, seen, events, spreads.get(each.topic)) for each in ways}


def rate(send: Send, condition: Condition, events: Events) -> float:
    """Return records a second."""
    started = time.monotonic()
    send(condition.topic, events[: condition.events])
    return condition.events / (time.monotonic() - started)


def event(draw: random.Random, number: int) -> bytes:
    """Draw one event: names that repeat, values that do not."""
    fields = {
        "event_id": f"e-{number:05}",
        "device_id": f"device-{draw.randrange(40)}",
        "temperature": round(draw.gauss(21, 4), 2),
        "humidity": draw.randrange(30, 70),
        "status": draw.choice(("ok", "ok", "ok", "warning")),
    }
    return json.dumps(fields).encode()


def batched(condition: Condition, seen: Watch, events: Events, spread: Spread | None) -> Batched:
    """Count the requests of one topic."""
    rounds = spread.runs if spread else 1
    requests = [
        each for each in seen.produced(condition.topic) if all(part.error is None for part in each.parts)
    ]
    return Batched(
        condition,
        records=condition.events * rounds,
        requests=len(requests),
        batch_bytes=sum(part.size_bytes for each in requests for part in each.parts),
        raw_bytes=sum(map(len, events[: condition.events])) * rounds,
        rate=spread,
    )


def sentence(figures: Figures) -> str:
    """Say what the figures say."""
    alone, default, large, packed = (figures[name] for name in ("await-each", "defaults", "large", "gzip"))
    slow, gathered = figures["slow-0"], figures["slow-50"]
    return (
        f"Waiting for each record put {alone.records_a_request:.1f} into a request and "
        f"{_faster(default, alone)}; large batches with linger carried {large.records_a_request:,.0f} "
        f"records a request where the defaults carried {default.records_a_request:,.0f}, gzip made "
        f"{packed.share:.0%} of the values' bytes, and a stream of one record a millisecond took "
        f"{gathered.requests} requests with linger_ms=50 and {slow.requests} with linger_ms=0."
    )


def _faster(default: Batched, alone: Batched) -> str:
    assert default.rate is not None
    assert alone.rate is not None
    if default.rate.meets(alone.rate):
        return "whether it is slower than waiting once is inconclusive in this run"
    rates = f"{alone.rate.median:,.0f} instead of {default.rate.median:,.0f} records a second"
    return f"reached {rates}"


def show(figures: Figures) -> Finding:
    """Show requests, bytes and speed."""
    rows = tuple(
        (
            each.condition.client,
            each.condition.label,
            f"{each.records:,}",
            f"{each.requests:,}",
            f"{each.records_a_request:,.1f}",
            f"{each.share:.0%}",
            f"{each.rate.median:,.0f} ({each.rate.low:,.0f} to {each.rate.high:,.0f})" if each.rate else "",
        )
        for each in figures.values()
    )
    columns = ("client", "sent with", "records", "requests", "records a request", "bytes", "records a second")
    timed = [
        Bar(
            f"{each.condition.label}, {each.condition.client}",
            each.rate,
            f"{each.rate.median:,.0f}",
            mark=each.condition.client == "kafka-python",
        )
        for each in figures.values()
        if each.rate
    ]
    return Finding(
        table=Table(columns, rows),
        plot=bars("Records a second", timed),
        sentence=sentence(figures),
        notes=(
            f"{ROUNDS} runs of each, in turn: the median, with the interval that holds it 95 times of 100.",
            "Requests are those that the broker logged; bytes are of the batches, against the values' own.",
            "Everything runs on this machine: over a network each wait would be longer.",
            "Without linger, records gather while the requests before them are under way.",
        ),
    )


LAB = Lab(
    question="What do batches, linger and compression change?",
    measure=measure,
    show=show,
    programs=(await_each, send_all, send_slowly, send_all_confluent, send_all_aiokafka),
)
