"""Lab `acks`: what it costs to wait for one broker, for all in-sync ones, or for none."""

import random
import statistics
import time
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import Literal

from kafka import KafkaProducer

from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import Bar, bars
from grader.labs.spread import Spread, in_turn
from grader.labs.stage import Stage
from grader.model import Topic

ROUNDS = 6
AWAITED = 8
MANY = 1_000
# Small against any time-out, large against what a send takes on one machine.
DELAY_S = 0.04

Acks = Literal[0, 1, "all"]
ALL: tuple[Acks, ...] = (0, 1, "all")


def await_each(producer: KafkaProducer, topic: str, count: int) -> None:
    """Wait for each record before the next."""
    for number in range(count):
        producer.send(topic, b"payment %d" % number).get(timeout=10)


def send_all(producer: KafkaProducer, topic: str, count: int) -> None:
    """Send everything, then wait once."""
    for number in range(count):
        producer.send(topic, b"payment %d" % number)
    producer.flush()


@dataclass(frozen=True, slots=True)
class Cost:
    """What one setting cost in one place.

    Attributes:
        wait: Seconds of one awaited send.
        rate: Records a second, awaited once at the end.
    """

    wait: Spread
    rate: Spread


PLACES = ("1 replica", "3 replicas", f"3 replicas, copies {DELAY_S * 1000:.0f} ms late")
REPLICAS = {"alone": (2,), "copied": (2, 1, 3)}

Figures = Mapping[tuple[str, Acks], Cost]


def measure(stage: Stage, _draw: random.Random) -> Figures:
    """Measure all settings in turn, on one topic without copies and on one with two."""
    stage.make(*(Topic(name, 1, replicas=(nodes,)) for name, nodes in REPLICAS.items()))
    figures: dict[tuple[str, Acks], Cost] = {}
    with stage.watch(), ExitStack() as held:
        producers = {acks: opened(held, stage.servers, acks) for acks in ALL}
        for place, topic in zip(PLACES, ("alone", "copied", "copied"), strict=True):
            late = stage.replication.delayed(DELAY_S) if place == PLACES[-1] else nullcontext()
            with late:
                figures |= {(place, acks): cost for acks, cost in costs(producers, topic).items()}
    return figures


def opened(held: ExitStack, servers: str, acks: Acks) -> KafkaProducer:
    """Open a producer that has sent to both topics, so that it knows them and is connected."""
    producer = held.enter_context(KafkaProducer(bootstrap_servers=servers, acks=acks))
    for topic in REPLICAS:
        producer.send(topic, b"warm-up").get(timeout=10)
    return producer


def costs(producers: Mapping[Acks, KafkaProducer], topic: str) -> Mapping[Acks, Cost]:
    """Measure one place: each round gives each setting one wait and one rate."""
    waits: dict[Acks, list[float]] = {acks: [] for acks in ALL}
    rates: dict[Acks, list[float]] = {acks: [] for acks in ALL}
    for acks in in_turn(ALL, ROUNDS):
        waits[acks].append(statistics.median(_wait(producers[acks], topic) for _ in range(AWAITED)))
        started = time.monotonic()
        send_all(producers[acks], topic, MANY)
        rates[acks].append(MANY / (time.monotonic() - started))
    return {acks: Cost(Spread.of(waits[acks]), Spread.of(rates[acks])) for acks in ALL}


def _wait(producer: KafkaProducer, topic: str) -> float:
    started = time.monotonic()
    await_each(producer, topic, 1)
    return time.monotonic() - started


def sentence(figures: Figures) -> str:
    """Say what the figures say."""
    said = (f"{place} {_compared(figures[place, 1], figures[place, 'all'])}" for place in PLACES)
    return f"One awaited send took, with acks=1 and acks=all: on {'; on '.join(said)}."


def _compared(one: Cost, every: Cost) -> str:
    both = f"{one.wait.median * 1000:.1f} and {every.wait.median * 1000:.1f} ms"
    if one.wait.below(every.wait):
        return f"{both}, so all takes longer"
    if every.wait.below(one.wait):
        return f"{both}, so all takes less"
    return f"{both}, which is inconclusive"


def show(figures: Figures) -> Finding:
    """Show waits and rates."""
    rows = tuple(
        (
            place,
            f"{acks}",
            f"{cost.wait.median * 1000:.1f}",
            f"{cost.wait.low * 1000:.1f} to {cost.wait.high * 1000:.1f}",
            f"{cost.rate.median:,.0f}",
            f"{cost.rate.low:,.0f} to {cost.rate.high:,.0f}",
        )
        for (place, acks), cost in figures.items()
    )
    waits = [
        Bar(f"{place}, acks={acks}", cost.wait, f"{cost.wait.median * 1000:.1f} ms", mark=acks == "all")
        for (place, acks), cost in figures.items()
    ]
    return Finding(
        table=Table(("topic", "acks", "one wait, ms", "from to", "records a second", "from to"), rows),
        plot=bars("Seconds of one awaited send", waits),
        sentence=sentence(figures),
        notes=(
            f"{ROUNDS} rounds, the settings in turn; a wait is the median of {AWAITED} sends of its round.",
            "acks=0 waits for nobody: what looks like a confirmation is the client's own.",
        ),
    )


LAB = Lab(
    question="What does each setting of acks cost?",
    measure=measure,
    show=show,
    programs=(await_each, send_all),
    brokers=3,
)
