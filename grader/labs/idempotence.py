"""Lab `idempotence`: what a retry stores, with and without."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiokafka
import confluent_kafka
from aiokafka.errors import KafkaError as AiokafkaError
from kafka import KafkaProducer

from grader.errors import EvidenceError
from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import Bar, bars
from grader.labs.stage import Stage
from grader.model import Topic
from grader.relay import Decision
from grader.relay.faults import PASS, HoldEnd, NoFault
from grader.relay.frames import PRODUCE, Head

SENT = 10
# Longer than every client's time-out below; librdkafka looks at its own once a second.
HOLD_S = 2.5
RELEASE_LIMIT_S = 10.0


class FirstProduceLate(NoFault):
    """Each client's first Produce arrives late, after the client has given it up and sent it again."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = False
        self._held: set[str] = set()
        self._ended = 0
        self._all_passed = threading.Event()

    def on_request(self, door: int, head: Head) -> Decision:
        """Hold the first Produce of each client id."""
        del door
        if head.api_key != PRODUCE or head.client_id in self._held:
            return PASS
        self.reached = True
        self._held.add(head.client_id)
        return Decision(hold_s=HOLD_S)

    def on_hold_end(self, end: HoldEnd) -> None:
        """Count those that have passed."""
        del end
        self._ended += 1
        if self._ended == len(self._held):
            self._all_passed.set()

    def await_passed(self) -> None:
        """Wait until all that were late have passed to the broker."""
        if not self._all_passed.wait(RELEASE_LIMIT_S):
            raise EvidenceError("A delayed request did not reach the broker.")


def send(servers: str, topic: str, idempotence: bool) -> int:
    """Ten records; a request that is not answered within a second is sent again."""
    producer = KafkaProducer(
        bootstrap_servers=servers,
        client_id=topic,
        enable_idempotence=idempotence,
        request_timeout_ms=1_000,
        linger_ms=20,
    )
    futures = [producer.send(topic, b"order %d" % number) for number in range(10)]
    producer.close()
    return sum(future.succeeded() for future in futures)


def send_confluent(servers: str, topic: str, idempotence: bool) -> int:
    """The same with confluent-kafka."""
    producer = confluent_kafka.Producer(
        {
            "bootstrap.servers": servers,
            "client.id": topic,
            "enable.idempotence": idempotence,
            "socket.timeout.ms": 1_000,
            "linger.ms": 20,
            "log_level": 0,
        }
    )
    errors: list[confluent_kafka.KafkaError | None] = []
    for number in range(10):
        producer.produce(topic, b"order %d" % number, on_delivery=lambda error, _: errors.append(error))
    producer.flush()
    return errors.count(None)


async def send_aiokafka(servers: str, topic: str, idempotence: bool) -> int:
    """The same with aiokafka, whose request time-out is also its limit for all retries."""
    async with aiokafka.AIOKafkaProducer(
        bootstrap_servers=servers,
        client_id=topic,
        enable_idempotence=idempotence,
        request_timeout_ms=1_000,
        linger_ms=20,
    ) as producer:
        futures = [await producer.send(topic, b"order %d" % number) for number in range(10)]
        results = await asyncio.gather(*futures, return_exceptions=True)
    return sum(not isinstance(result, AiokafkaError) for result in results)


def _run_aiokafka(servers: str, topic: str, idempotence: bool) -> int:
    return asyncio.run(send_aiokafka(servers, topic, idempotence))


@dataclass(frozen=True, slots=True)
class Condition:
    """A client, and whether it is idempotent."""

    client: str
    run: Callable[[str, str, bool], int]
    idempotence: bool

    @property
    def topic(self) -> str:
        """The topic of its own, which is its client id, too."""
        return f"{self.client}-{'on' if self.idempotence else 'off'}"


@dataclass(frozen=True, slots=True)
class Retried:
    """What one client told its program, and what is stored.

    Attributes:
        confirmed: Records that the client called delivered, of the ten.
        requests: Produce requests that the broker logged.
        stored: Records in the topic.
        distinct: How many different ones among them.
    """

    client: str
    idempotence: bool
    confirmed: int
    requests: int
    stored: int
    distinct: int

    @property
    def doubled(self) -> int:
        """How many records are stored more than they were sent."""
        return self.stored - self.distinct


CONDITIONS = tuple(
    Condition(client, run, idempotence)
    for client, run in (
        ("kafka-python", send),
        ("confluent-kafka", send_confluent),
        ("aiokafka", _run_aiokafka),
    )
    for idempotence in (True, False)
)


def measure(stage: Stage, _draw: random.Random) -> tuple[Retried, ...]:
    """Run all clients side by side, each client's first Produce late."""
    stage.make(*(Topic(each.topic, 1) for each in CONDITIONS))
    fault = FirstProduceLate()
    with stage.watch(fault=fault) as seen:
        with ThreadPoolExecutor(len(CONDITIONS)) as pool:
            confirmed = list(
                pool.map(lambda each: each.run(stage.servers, each.topic, each.idempotence), CONDITIONS)
            )
        fault.await_passed()
    records = stage.records(*(each.topic for each in CONDITIONS))
    values = {each.topic: Counter(r.value for r in records if r.topic == each.topic) for each in CONDITIONS}
    return tuple(
        Retried(
            each.client,
            each.idempotence,
            told,
            len(seen.produced(each.topic)),
            values[each.topic].total(),
            len(values[each.topic]),
        )
        for each, told in zip(CONDITIONS, confirmed, strict=True)
    )


def sentence(figures: Sequence[Retried]) -> str:
    """Say what the figures say."""
    doubles = {
        idempotence: sum(each.doubled for each in figures if each.idempotence is idempotence)
        for idempotence in (True, False)
    }
    own = {each.idempotence: each for each in figures if each.client == "kafka-python"}
    if doubles[True]:
        verdict = "so idempotence did not prevent doubles in this run"
    elif doubles[False]:
        verdict = "so idempotence is what keeps a retry from being stored twice"
    else:
        verdict = "so this run is inconclusive: nothing was stored twice either way"
    return (
        f"After a request that came late and its retry, kafka-python's {SENT} records had become "
        f"{own[True].stored} with idempotence and {own[False].stored} without; of all clients together "
        f"{doubles[True]} records were doubled with it and {doubles[False]} without, {verdict}."
    )


def show(figures: Sequence[Retried]) -> Finding:
    """Show what was told and what was stored."""
    rows = tuple(
        (
            each.client,
            "on" if each.idempotence else "off",
            f"{SENT}",
            f"{each.requests}",
            f"{each.confirmed}",
            f"{each.stored}",
            f"{each.doubled}",
        )
        for each in figures
    )
    stored = [
        Bar(
            f"{each.client}, idempotence {'on' if each.idempotence else 'off'}",
            each.stored,
            f"{each.stored} stored of {SENT} sent",
            mark=each.idempotence,
        )
        for each in figures
    ]
    columns = ("client", "idempotence", "sent", "Produce requests", "called delivered", "stored", "doubled")
    return Finding(
        table=Table(columns, rows),
        plot=bars("Records stored", stored),
        sentence=sentence(figures),
        notes=(
            f"Each client's first Produce was held on its way for {HOLD_S:g} s; its time-out was 1 s.",
            "kafka-python is idempotent by default; confluent-kafka and aiokafka are when told to.",
            *(_called_failed(each) for each in figures if each.confirmed < each.distinct),
        ),
    )


def _called_failed(each: Retried) -> str:
    return (
        f"{each.client}, idempotence {'on' if each.idempotence else 'off'}: {SENT - each.confirmed} records "
        f"were called failed, and {each.distinct} of {SENT} are stored; a time-out does not say whether the "
        "broker has a record."
    )


LAB = Lab(
    question="A request is sent again: is it stored twice?",
    measure=measure,
    show=show,
    programs=(send, send_confluent, send_aiokafka),
)
