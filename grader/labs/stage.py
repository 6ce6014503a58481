"""Where labs are played: real brokers behind the relay, for the programs of this process."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka.errors import KafkaError

from grader.broker import Broker
from grader.broker.local import LocalBroker
from grader.errors import GraderError
from grader.model import FirstContactDies, Record, Request, Stall, Topic, Traffic
from grader.reaper import Reaper
from grader.relay import FaultAtWork, Relay
from grader.replication import Replication, open_cluster

PENS_DOWN_LIMIT_S = 10.0
# The relay dials the brokers from here, so that a lab's requests are told from the grader's own.
SOURCE = "127.0.2.1"
CLIENTS = ("kafka", "aiokafka")
SILENT = logging.CRITICAL + 1


@dataclass
class Watch:
    """What was seen of the programs that ran in one `Stage.watch`; complete when it has ended.

    Attributes:
        addresses: What can be dialled, the broker's advertised address first.
        requests: What the brokers logged.
        traffic: What the relay counted.
    """

    addresses: tuple[str, ...]
    requests: tuple[Request, ...] = ()
    traffic: Traffic | None = None

    def produced(self, topic: str) -> tuple[Request, ...]:
        """Return the Produce requests that carried records of a topic."""
        return tuple(
            each
            for each in self.requests
            if each.api == "PRODUCE" and any(part.topic == topic for part in each.parts)
        )


class Stage:
    """Real brokers behind their relay, and what the labs see of them.

    Attributes:
        servers: What a program is given as its bootstrap servers; dialled only inside `watch`.
    """

    def __init__(self, broker: Broker, relay: Relay, replication: Replication | None = None) -> None:
        self.broker = broker
        self.servers = ",".join(relay.addresses)
        self._relay = relay
        self._replication = replication
        self._topics = broker.topics()

    @property
    def replication(self) -> Replication:
        """The way between the brokers; a stage of one has none."""
        if self._replication is None:
            raise ValueError("One broker copies nothing: ask for a stage of three.")
        return self._replication

    def make(self, *topics: Topic) -> None:
        """Delete all topics and make these."""
        self._topics.make_anew(topics)

    def sizes(self) -> Mapping[str, int]:
        """Return every topic with its number of partitions."""
        return self._topics.sizes()

    def records(self, *topics: str) -> tuple[Record, ...]:
        """Return what is stored in these topics, by topic, partition and offset."""
        return self._topics.read(topics)[0]

    @contextmanager
    def watch(
        self, *, fault: Stall | FirstContactDies | FaultAtWork | None = None, more_doors: Sequence[str] = ()
    ) -> Iterator[Watch]:
        """Open the relay to the programs that run inside; afterwards the watch holds what was seen.

        Args:
            more_doors: Further addresses that lead to the first broker, such as `127.0.0.1:0`.
        """
        since = self.broker.mark()
        passage = self._relay.admit(self.broker.upstreams, fault=fault, source=SOURCE, extra_doors=more_doors)
        watch = Watch(passage.addresses)
        try:
            yield watch
        finally:
            watch.traffic, sources = passage.pens_down(PENS_DOWN_LIMIT_S)
        watch.requests = self.broker.requests(since, sources, self._topics.names())

    def close(self) -> None:
        """Close the clients and end the brokers."""
        self._topics.close()
        self.broker.stop()
        if self._replication is not None:
            self._replication.close()


@contextmanager
def stages() -> Iterator[Callable[[int], Stage]]:
    """Hold the stages of this run: a function from a number of brokers to the one stage that has so many.

    Raises:
        GraderError: A client library failed where a lab does not expect it to.
    """
    with ExitStack() as held:
        reaper = held.enter_context(Reaper.start())
        held.enter_context(silence())
        known: dict[int, Stage] = {}

        def stage_of(brokers: int) -> Stage:
            if brokers not in known:
                known[brokers] = held.enter_context(open_stage(brokers, reaper.root, reaper.environment))
            return known[brokers]

        try:
            yield stage_of
        except KafkaError as error:
            raise GraderError(
                f"A lab could not be finished: {error!r}", cure="Run it again; nothing of it is kept."
            ) from error


@contextmanager
def open_stage(brokers: int, folder: Path, environment: Mapping[str, str]) -> Iterator[Stage]:
    """Start one broker or three behind a relay, and end them afterwards."""
    with ExitStack() as held:
        broker: Broker
        replication = None
        if brokers == 1:
            relay = held.enter_context(Relay.listen())
            broker = LocalBroker(folder / "lab", advertised=relay.addresses[0], environment=environment)
        else:
            relay, replication = open_cluster(folder / "lab-cluster", environment)
            held.enter_context(closing(relay))
            broker = replication.cluster
        try:
            stage = Stage(broker, relay, replication)
        except BaseException:
            broker.stop()
            raise
        with closing(stage):
            yield stage


@contextmanager
def silence() -> Iterator[None]:
    """Keep the clients' log lines, which labs provoke on purpose, from the terminal."""
    levels = {name: logging.getLogger(name).level for name in CLIENTS}
    for name in CLIENTS:
        logging.getLogger(name).setLevel(SILENT)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
