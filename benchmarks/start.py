"""Figures of a start: empty folder → first acknowledged record, of one broker and of three."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from kafka import KafkaProducer
from testcontainers.core.docker_client import DockerClient

from benchmarks.rounds import Measure
from grader import session
from grader.broker import Broker, aot
from grader.broker.cluster import Cluster
from grader.broker.container import IMAGE, remove
from grader.broker.docker import DockerBroker, prepare
from grader.broker.java import java
from grader.broker.local import LocalBroker
from grader.broker.node import HOST
from grader.broker.placement import placed
from grader.broker.topics import Topics
from grader.broker.wire import api_versions
from grader.errors import GraderError
from grader.model import Topic

GROUP = "start"
JAVA = "a Java that says its version and ends"
PLAIN, TIER, AOT = "default options of Java", "first-tier compiler, serial collector", "with the AOT cache"
# Both with the image on the engine already.
CONTAINER, QUICKSTART = "in a container, `--broker docker`", "in a container, as Kafka's quickstart runs it"
THREE_PLAIN, THREE_AOT = "three brokers, default options of Java", "three brokers, with the AOT cache"
RESIDENT = ", resident MB"
ADVERTISED = "127.0.0.1:1"
DELIVERY_S = 60
QUICKSTART_PORT = 9092  # it is what the image advertises
POLL_S = 0.005
MB = 1e6


@dataclass(frozen=True)
class Reached:
    """A broker of which no more is known than where it is."""

    servers: str

    def topics(self) -> Topics:
        """Return its topics."""
        return Topics(self.servers)


Open = Callable[[Path], contextlib.AbstractContextManager[Broker | Reached]]


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
    return [*found, _timed(CONTAINER, _container, ()), _timed(QUICKSTART, _quickstart, ())], []


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
                # Connected first: kafka-python lets 100 ms pass before it asks for metadata again.
                with contextlib.closing(KafkaProducer(bootstrap_servers=broker.servers)) as producer:
                    topics.make_anew([placed(topic) if isinstance(broker, Cluster) else topic])
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


@contextlib.contextmanager
def _quickstart(folder: Path) -> Iterator[Reached]:
    """Run the image with its own settings, as `docker run -p 9092:9092` does."""
    del folder  # nothing of it is kept
    with contextlib.closing(DockerClient().client) as client:
        container = client.containers.run(IMAGE, detach=True, ports={"9092/tcp": (HOST, QUICKSTART_PORT)})
        try:
            while not api_versions(HOST, QUICKSTART_PORT, client_id="ready"):
                time.sleep(POLL_S)
            yield Reached(f"localhost:{QUICKSTART_PORT}")
        finally:
            remove(client.api, container.id)


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
