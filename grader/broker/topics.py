"""The topics of a broker, made and read by the grader's own clients."""

import functools
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic, OffsetSpec
from kafka.errors import KafkaError, UnknownBrokerIdError
from kafka.protocol.consumer.offsets import IsolationLevel
from kafka.protocol.metadata import MetadataRequest

from grader.errors import BrokerError, EvidenceError
from grader.model import Record, Topic

READ_LIMIT_S = 60.0
MAKE_LIMIT_S = 20.0
SETTLE_LIMIT_S = 10.0
SETTLED_S = 0.5  # a broker takes in at once what is in the kernel's buffers
POLL_MS = 200
BACKOFF_MS = 10  # also the least time between two looks at what topics there are
POLL_RECORDS = 5_000
# One fetch may bring as much as the relay lets a whole run send through.
FETCH_BYTES = 64 * 1024 * 1024


T = TypeVar("T")


class Topics:
    """Warm clients of one broker or cluster: an admin client and a consumer.

    The consumer reads committed records only, so that what an aborted or open transaction left
    behind is not taken for a stored record.

    Args:
        servers: The grader's own listener.
        options: Further options of the clients, by their names in kafka-python, such as
            `security_protocol`.
    """

    def __init__(self, servers: str, options: Mapping[str, Any] | None = None) -> None:
        reach = {
            "bootstrap_servers": servers,
            "client_id": "grader",
            "retry_backoff_ms": BACKOFF_MS,
            **(options or {}),
        }
        self._reach = reach
        try:
            self._admin = KafkaAdminClient(**reach)
            self._consumer = KafkaConsumer(
                **reach,
                isolation_level="read_committed",
                max_poll_records=POLL_RECORDS,
                fetch_max_bytes=FETCH_BYTES,
                max_partition_fetch_bytes=FETCH_BYTES,
                fetch_max_wait_ms=POLL_MS,
            )
        except KafkaError as error:
            raise BrokerError(
                f"The grader's own clients cannot reach the broker at {servers}: {error}"
            ) from error

    def make_anew(self, topics: Sequence[Topic], *, replicas: int = 1) -> None:
        """Delete every topic and make these; return when each partition has a leader.

        Raises:
            BrokerError: A topic could not be deleted or made in time.
        """
        deadline = time.monotonic() + MAKE_LIMIT_S
        gone: set[str] = set()

        def make() -> None:
            present = self.sizes()
            gone.update(identity for identity, name in self.names().items() if name in present)
            if present:
                self._admin.delete_topics(list(present))
                while self.sizes().keys() & present.keys():
                    _unless_late(deadline)
                    time.sleep(BACKOFF_MS / 1000)
            self._make(topics, replicas, gone, deadline)

        try:
            # All of it again, where a broker came back a moment ago and these clients have not heard of it.
            self._patiently(make, deadline)
        except KafkaError as error:
            raise BrokerError(f"The topics of a scenario could not be made: {error!r}") from error

    def add(self, topics: Sequence[Topic], *, replicas: int = 1) -> None:
        """Make topics and return when each partition has a leader.

        Raises:
            BrokerError: They could not be made in time.
            KafkaError: One of them exists, or the cluster refuses.
        """
        self._make(topics, replicas, frozenset(), time.monotonic() + MAKE_LIMIT_S)

    def _make(self, topics: Sequence[Topic], replicas: int, gone: Collection[str], deadline: float) -> None:
        if topics:
            self._admin.create_topics([_new(topic, replicas) for topic in topics])
        names = [topic.name for topic in topics]
        self._await_everywhere(names, gone, deadline)
        # A leader that metadata names may not have its log yet: it has once it tells its end offset.
        self._patiently(lambda: self._ends(names), deadline)
        self._begin_later(topics)

    def _await_everywhere(self, names: Collection[str], gone: Collection[str], deadline: float) -> None:
        """Wait until every broker tells of these topics with their leaders, and of none that is gone.

        The brokers of a cluster hear of topics one after the other, and a program may ask any of them.
        """
        for broker in self._admin.describe_cluster()["brokers"]:
            ask = functools.partial(self._told_by, broker["broker_id"])
            while not _are_known(self._patiently(ask, deadline), names, gone):
                _unless_late(deadline)
                time.sleep(BACKOFF_MS / 1000)

    def _told_by(self, node: int) -> Sequence[Mapping[str, Any]]:
        """Return what one broker tells of all topics; the admin client itself asks whichever it likes."""
        request = MetadataRequest(topics=None, allow_auto_topic_creation=False)

        async def ask() -> Any:
            return await manager.send(request, node_id=node)

        manager = self._admin._manager  # noqa: SLF001 - nothing public asks a stated broker
        told: Sequence[Mapping[str, Any]] = manager.run(ask).to_dict()["topics"]
        return told

    def _begin_later(self, topics: Sequence[Topic]) -> None:
        """Store records and delete them, so that a partition goes on at an offset that tells it apart."""
        begins = {
            TopicPartition(topic.name, number): offset
            for topic in topics
            for number, offset in enumerate(topic.begins_at)
        }
        if not begins:
            return
        with KafkaProducer(**self._reach) as producer:
            for partition, offset in begins.items():
                for _ in range(offset):
                    producer.send(partition.topic, b"-", partition=partition.partition)
        self._admin.delete_records(begins)

    def sizes(self) -> Mapping[str, int]:
        """Return every topic that is not internal, with its number of partitions."""
        return self._all_sizes()

    def _all_sizes(self) -> dict[str, int]:
        return {each["name"]: len(each["partitions"]) for each in self._described()}

    def names(self) -> Mapping[str, str]:
        """Return every topic's name by its id."""
        return {each["topic_id"]: each["name"] for each in self._described()}

    def leaders(self) -> Mapping[str, tuple[int, ...]]:
        """Return the node that leads each partition, by topic; -1 where none does."""
        return {name: tuple(each["leader_id"] for each in parts) for name, parts in self._partitions()}

    def in_sync(self) -> Mapping[str, tuple[frozenset[int], ...]]:
        """Return the in-sync replicas of each partition, by topic."""
        return {
            name: tuple(frozenset(each["isr_nodes"]) for each in parts) for name, parts in self._partitions()
        }

    def _partitions(self) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
        for topic in self._described():
            yield topic["name"], sorted(topic["partitions"], key=lambda each: each["partition_index"])

    def _described(self) -> list[Mapping[str, Any]]:
        return [each for each in self._patiently(self._admin.describe_topics) if not each["is_internal"]]

    def read(self, names: Sequence[str]) -> tuple[tuple[Record, ...], tuple[str, ...]]:
        """Return the committed records of these topics, and the partitions with an open transaction.

        The end offsets are taken first, and read up to: positions are compared, never counts, since
        the markers of transactions take offsets, too.

        Raises:
            EvidenceError: The broker did not hand over everything in time.
        """
        try:
            ends, highwaters = self._patiently(lambda: self._ends(names))
            filled = {each: end for each, end in ends.items() if end > 0}
            # The consumer, too, may first hear of what it looked for while topics were made anew.
            records = self._patiently(lambda: list(self._up_to(filled)))
        except KafkaError as error:
            raise EvidenceError(f"The stored records could not be read: {error!r}") from error
        still_open = (each for each, end in ends.items() if highwaters[each] > end)
        return (
            tuple(sorted(records, key=lambda each: (each.topic, each.partition, each.offset))),
            tuple(f"{each.topic}-{each.partition}" for each in still_open),
        )

    def settle(self, names: Sequence[str]) -> None:
        """Wait until nothing more is stored, where no relay tells that all is in: acks=0 waits for nobody.

        Raises:
            EvidenceError: The broker does not answer.
        """
        deadline = time.monotonic() + SETTLE_LIMIT_S
        before = None
        try:
            while (now := self._patiently(lambda: self._ends(names))) != before:
                if time.monotonic() > deadline:
                    return
                before = now
                time.sleep(SETTLED_S)
        except KafkaError as error:
            raise EvidenceError(f"The end of the records could not be read: {error!r}") from error

    def _patiently(self, ask: Callable[[], T], deadline: float | None = None) -> T:
        """Ask again while the answer is that metadata is stale: topics were made anew a moment ago."""
        if deadline is None:
            deadline = time.monotonic() + READ_LIMIT_S
        while True:
            try:
                return ask()
            except KafkaError as error:
                if not is_stale(error) or time.monotonic() > deadline:
                    raise
            time.sleep(BACKOFF_MS / 1000)

    def _ends(self, names: Sequence[str]) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
        """Return the offsets up to which records are committed, and up to which there are any."""
        partitions = {
            TopicPartition(name, number): OffsetSpec.LATEST
            for name, size in self._all_sizes().items()
            if name in names
            for number in range(size)
        }
        committed, stored = (
            {
                partition: found.offset
                for partition, found in self._admin.list_partition_offsets(partitions, level).items()
            }
            for level in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
        )
        return committed, stored

    def _up_to(self, ends: Mapping[TopicPartition, int]) -> Iterator[Record]:
        if not ends:
            return
        self._consumer.unsubscribe()
        self._consumer.topics()  # topics made anew have new ids and sizes: what was known is stale
        self._consumer.assign(list(ends))
        self._consumer.seek_to_beginning()
        deadline = time.monotonic() + READ_LIMIT_S
        missing = set(ends)
        while missing:
            for partition, batch in self._consumer.poll(POLL_MS).items():
                yield from (_record(entry) for entry in batch if entry.offset < ends[partition])
            missing = {each for each in missing if self._consumer.position(each) < ends[each]}
            if missing and time.monotonic() > deadline:
                raise EvidenceError(f"The broker did not hand over all records within {READ_LIMIT_S:.0f} s.")

    def close(self) -> None:
        """Close both clients; a broker that is gone already is no failure."""
        for client in (self._consumer, self._admin):
            try:
                client.close()
            except (KafkaError, OSError):
                continue


# Nothing is deleted by age before it has been read, whatever timestamps a program writes.
KEEP = {"retention.ms": "-1", "message.timestamp.before.max.ms": str(2**63 - 1)}


def _new(topic: Topic, replicas: int) -> NewTopic:
    config = {**KEEP, **topic.config}
    if topic.replicas:
        placement = {number: list(nodes) for number, nodes in enumerate(topic.replicas)}
        return NewTopic(name=topic.name, replica_assignments=placement, topic_configs=config)
    return NewTopic(
        name=topic.name, num_partitions=topic.partitions, replication_factor=replicas, topic_configs=config
    )


def is_stale(error: KafkaError) -> bool:
    """Whether an error says no more than that a client's view of the cluster is a moment old."""
    return getattr(error, "retriable", False) or isinstance(error, UnknownBrokerIdError)


def _are_known(told: Sequence[Mapping[str, Any]], names: Collection[str], gone: Collection[str]) -> bool:
    led = {each["name"] for each in told if all(part["leader_id"] >= 0 for part in each["partitions"])}
    return led >= set(names) and not {each["topic_id"] for each in told} & set(gone)


def _record(entry: Any) -> Record:
    return Record(
        topic=entry.topic,
        partition=entry.partition,
        offset=entry.offset,
        timestamp_ms=entry.timestamp,
        key=entry.key,
        value=entry.value,
        headers=tuple(entry.headers),
    )


def _unless_late(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise BrokerError(f"The topics of a scenario were not made anew within {MAKE_LIMIT_S:.0f} s.")
