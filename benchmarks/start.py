"""Figures of a start: empty folder → first acknowledged record, of one broker and of three."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
from kafka import KafkaProducer

from benchmarks.rounds import Measure
from grader import session
from grader.broker import Broker, aot
from grader.broker.cluster import Cluster, placed
from grader.broker.docker import DockerBroker, prepare
from grader.broker.java import java
from grader.broker.local import LocalBroker
from grader.errors import GraderError
from grader.model import Topic

GROUP = "start"
JAVA = "a Java that says its version and ends"
PLAIN, TIER, AOT = "default options of Java", "first-tier compiler, serial collector", "with the AOT cache"
CONTAINER = "in a container, image present"
THREE_PLAIN, THREE_AOT = "three brokers, default options of Java", "three brokers, with the AOT cache"
RESIDENT = ", resident MB"
ADVERTISED = "127.0.0.1:1"
DELIVERY_S = 60
MB = 1e6

Open = Callable[[Path], contextlib.AbstractContextManager[Broker]]


def ways() -> tuple[list[Measure], list[str]]:
    """Return what can be measured here, and why the rest cannot."""
    kinds = {PLAIN: (), TIER: aot.BASE, AOT: aot.options()}
    found: list[Measure] = [java_alone]
    found += [_timed(name, _local, options) for name, options in kinds.items()]
    found += [_timed(THREE_AOT, _three, aot.options()), _timed(THREE_PLAIN, _three, ())]
    try:
        prepare(lambda _: None)
    except GraderError:
        return found, ["There was no container engine; `python -m tests.docker.engine` can start one."]
    return [*found, _timed(CONTAINER, _container, ())], []


def with_cache() -> Mapping[str, float]:
    """Measure one start as a grading makes it."""
    return _timed(AOT, _local, aot.options())()


def java_alone() -> Mapping[str, float]:
    """Measure the floor of every start."""
    began = time.monotonic()
    subprocess.run([java().path, *aot.BASE, "-version"], capture_output=True, check=True)
    return {JAVA: time.monotonic() - began}


def _timed(name: str, opens: Open, options: tuple[str, ...]) -> Measure:
    def measure() -> Mapping[str, float]:
        with tempfile.TemporaryDirectory() as folder, _java_options(options):
            began = time.monotonic()
            with opens(Path(folder) / "broker") as broker:
                topics = broker.topics()
                topic = Topic("orders", 1)
                topics.make_anew([placed(topic) if isinstance(broker, Cluster) else topic])
                with contextlib.closing(KafkaProducer(bootstrap_servers=broker.servers)) as producer:
                    producer.send("orders", b"first").get(DELIVERY_S)
                    took = time.monotonic() - began
                    resident = _resident_mb()
                topics.close()
        return {name: took} | ({f"{name}{RESIDENT}": resident} if resident else {})

    return measure


@contextlib.contextmanager
def _java_options(options: tuple[str, ...]) -> Iterator[None]:
    usual = aot.options
    aot.options = lambda: options
    try:
        yield
    finally:
        aot.options = usual


@contextlib.contextmanager
def _local(folder: Path) -> Iterator[Broker]:
    yield from _stopped(LocalBroker(folder, advertised=ADVERTISED, environment={}))


@contextlib.contextmanager
def _container(folder: Path) -> Iterator[Broker]:
    yield from _stopped(DockerBroker(folder, advertised=ADVERTISED))


def _stopped(broker: Broker) -> Iterator[Broker]:
    try:
        yield broker
    finally:
        broker.stop()


@contextlib.contextmanager
def _three(folder: Path) -> Iterator[Broker]:
    with session.workshop("local") as workshop:
        site = workshop.open_site(folder, 3)
        try:
            yield site.broker
        finally:
            site.close()


def _resident_mb() -> float:
    """Return the memory of the brokers that this process has started."""
    return sum(
        child.memory_info().rss / MB
        for child in psutil.Process().children(recursive=True)
        if child.name() == "java"
    )
