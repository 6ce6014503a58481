"""Lab `durability`: what was acknowledged, and what is left of it when the leader dies."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kafka import KafkaProducer
from kafka.errors import KafkaError

from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import Bar, bars
from grader.labs.stage import Stage
from grader.model import Topic

LEADER, FOLLOWER = 2, 3
SENT = 20
SETTINGS: Mapping[str, int | str] = {"acks-1": 1, "acks-all": "all"}
PAYMENT = b"payment"


def send(servers: str, topic: str, acks: int | str) -> list[bytes]:
    """Twenty payments in one request; return those that were acknowledged, after two seconds at most."""
    acknowledged = []
    with KafkaProducer(
        bootstrap_servers=servers,
        acks=acks,
        linger_ms=50,
        request_timeout_ms=1_500,
        delivery_timeout_ms=2_000,
    ) as producer:
        sent = {b"payment %d" % number: producer.send(topic, b"payment %d" % number) for number in range(20)}
        for value, future in sent.items():
            try:
                future.get(timeout=10)
                acknowledged.append(value)
            except KafkaError:
                continue  # not acknowledged: the program knows, and could send it again
    return acknowledged


@dataclass(frozen=True, slots=True)
class Survived:
    """What became of the payments of one setting.

    Attributes:
        acknowledged: How many the producer was told are safe.
        stored: How many there are under the new leader.
        lost: How many were acknowledged and are gone.
    """

    topic: str
    acknowledged: int
    stored: int
    lost: int


def measure(stage: Stage, _draw: random.Random) -> tuple[Survived, ...]:
    """Keep all copies from the follower, send, kill the leader, and read what the follower has."""
    stage.make(*(Topic(name, 1, {"min.insync.replicas": "2"}, ((LEADER, FOLLOWER),)) for name in SETTINGS))
    acknowledged: dict[str, Sequence[bytes]] = {}
    cluster = stage.replication.cluster
    with stage.watch():
        for topic in SETTINGS:
            send_first(stage.servers, topic)
        try:
            with stage.replication.held(FOLLOWER, leader=LEADER):
                for topic, acks in SETTINGS.items():
                    acknowledged[topic] = send(stage.servers, topic, acks)
                cluster.kill(LEADER)
                cluster.await_leaders()
        finally:
            # Of too few in-sync replicas, Kafka 4 shows no further record as committed (KIP-966).
            cluster.heal()
    records = stage.records(*SETTINGS)
    return tuple(
        survived(topic, told, [each.value or b"" for each in records if each.topic == topic])
        for topic, told in acknowledged.items()
    )


def send_first(servers: str, topic: str) -> None:
    """One record that both replicas have."""
    with KafkaProducer(bootstrap_servers=servers) as producer:
        producer.send(topic, b"first").get(timeout=10)


def survived(topic: str, told: Sequence[bytes], stored: Sequence[bytes]) -> Survived:
    """Hold what was acknowledged against what is stored."""
    there = Counter(value for value in stored if value.startswith(PAYMENT))
    return Survived(topic, len(told), there.total(), sum(value not in there for value in told))


def sentence(figures: Sequence[Survived]) -> str:
    """Say what the figures say."""
    one, every = figures
    said = [
        f"{each.acknowledged} of {SENT} payments were acknowledged and {each.lost} of these are gone"
        for each in (one, every)
    ]
    if every.lost:
        verdict = "so it lost what it had acknowledged, too"
    elif not one.lost:
        verdict = "so this run is inconclusive: nothing was lost either way"
    else:
        verdict = "so it promised nothing that it did not keep"
    return (
        f"After the leader died before its follower had a copy: with acks=1 {said[0]}; with acks=all and two "
        f"in-sync replicas {said[1]}, {verdict}."
    )


def show(figures: Sequence[Survived]) -> Finding:
    """Show what was told and what is there."""
    rows = tuple(
        (f"{SETTINGS[each.topic]}", f"{SENT}", f"{each.acknowledged}", f"{each.stored}", f"{each.lost}")
        for each in figures
    )
    pairs = [
        Bar(f"acks={SETTINGS[each.topic]}, {word}", count, f"{count}", mark=word == "stored")
        for each in figures
        for word, count in (("acknowledged", each.acknowledged), ("stored", each.stored))
    ]
    columns = ("acks", "sent", "acknowledged", "stored afterwards", "acknowledged and lost")
    return Finding(
        table=Table(columns, rows),
        plot=bars("Payments", pairs),
        sentence=sentence(figures),
        notes=(
            f"Replicas on broker {LEADER}, the leader, and on broker {FOLLOWER}; min.insync.replicas=2.",
            f"Broker {FOLLOWER} got no answers to its fetches any more; then broker {LEADER} was killed.",
            "A producer by default goes on trying for two minutes; these gave up after two seconds.",
        ),
    )


LAB = Lab(
    question="The leader dies: what was acknowledged, and what is left?",
    measure=measure,
    show=show,
    programs=(send,),
    brokers=3,
)
