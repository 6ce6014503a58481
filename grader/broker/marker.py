"""The marker: on a cluster that others use too, the topics that the kit made and the grading that is on.

The marker is a topic of one partition. It holds the id of each topic that the kit made, by the topic's
name: a topic made anew by somebody else has another id and is theirs. And it holds the newest grading,
so that two that meet on one cluster notice: the later one goes on, the earlier one ends with an error.
"""

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from grader.broker.topics import Topics
from grader.errors import BrokerError
from grader.model import Record, Topic

MARKER = "kafka-producers-kit"
GRADING = b"grading"
TOPIC = b"topic/"
WRITE_LIMIT_S = 10.0
# As many replicas as the cluster gives by itself; managed ones refuse any other number.
CLUSTERS_OWN = -1


class MarkedTopics(Topics):
    """The topics of a cluster that is not the kit's: only those that it made are its own.

    Args:
        servers: Bootstrap servers for the grader's own clients.
        options: Further options of the clients, by their names in kafka-python.
    """

    def __init__(self, servers: str, options: Mapping[str, Any]) -> None:
        super().__init__(servers, options)
        self._token = uuid.uuid4().hex.encode()
        self._foreign: frozenset[str] = frozenset()
        try:
            with contextlib.suppress(TopicAlreadyExistsError):
                self._admin.create_topics(
                    [NewTopic(MARKER, 1, CLUSTERS_OWN, topic_configs={"cleanup.policy": "compact"})]
                )
            self._admin.wait_for_topics([MARKER])
            self._producer = KafkaProducer(bootstrap_servers=servers, client_id="grader", **options)
            self._write({GRADING: self._token})
        except KafkaError as error:
            self.close()
            raise BrokerError(
                f"The kit's marker, the topic {MARKER}, cannot be made at {servers}: {error}",
                cure="Grading needs the right to make, describe, read, write and delete topics there.",
            ) from error

    def make_anew(self, topics: Sequence[Topic], *, replicas: int = CLUSTERS_OWN) -> None:
        """Delete the topics that the kit made and make these.

        Raises:
            BrokerError: One of these exists and the kit did not make it; or another grading has begun here.
        """
        made = self._made()
        present = self.names()
        ours = {name for identity, name in present.items() if made.get(name) == str(identity)}
        self._foreign = frozenset(present.values()) - ours
        if taken := sorted(self._foreign & {topic.name for topic in topics}):
            raise BrokerError(
                f"On this cluster there is a topic {taken[0]} that the kit did not make; it was left alone.",
                cure=f"Delete {', '.join(taken)} there if nobody needs it, or leave --broker out: "
                "the kit then starts a broker of its own.",
            )
        super().make_anew(topics, replicas=replicas)
        wanted = {topic.name for topic in topics}
        self._write(
            {
                TOPIC + name.encode(): str(identity).encode()
                for identity, name in self.names().items()
                if name in wanted
            }
        )

    def sizes(self) -> Mapping[str, int]:
        """Return the topics that are not somebody else's, with their numbers of partitions."""
        return {name: size for name, size in super().sizes().items() if name not in self._foreign | {MARKER}}

    def read(self, names: Sequence[str]) -> tuple[tuple[Record, ...], tuple[str, ...]]:
        """Return the records of these topics, as long as no other grading has made them anew meanwhile."""
        found = super().read(names)
        self._made()
        return found

    def _made(self) -> Mapping[str, str]:
        """Return the ids of the topics that the kit made, by name.

        Raises:
            BrokerError: Another grading has begun on this cluster.
        """
        records, _ = super().read([MARKER])
        noted = {each.key: each.value or b"" for each in records if each.key is not None}
        if noted.get(GRADING) != self._token:
            raise BrokerError(
                "Another grading has begun on this cluster and uses the same topics.",
                cure="Grade one after the other, or leave --broker out: each then has a broker of its own.",
            )
        return {
            key.removeprefix(TOPIC).decode(): value.decode()
            for key, value in noted.items()
            if key.startswith(TOPIC)
        }

    def _write(self, notes: Mapping[bytes, bytes]) -> None:
        for sent in [self._producer.send(MARKER, value, key) for key, value in notes.items()]:
            try:
                sent.get(WRITE_LIMIT_S)
            except KafkaError as error:
                raise BrokerError(
                    f"The kit's marker, the topic {MARKER}, cannot be written: {error}"
                ) from error

    def close(self) -> None:
        """Close the clients; the topics stay, for whoever wants to look at them."""
        with contextlib.suppress(AttributeError, KafkaError, OSError):
            self._producer.close(timeout=1)
        super().close()
