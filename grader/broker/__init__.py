"""Where Kafka comes from: one port, several adapters.

An adapter is ready once its constructor or `start` has returned: the protocol has answered, and a
broker is registered. What an adapter cannot give is said by its `Offer`, so that the checks that
need it are blocked with the reason and never wrong.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grader.model import Request, Scenario

if TYPE_CHECKING:  # jars and Java are found without loading a Kafka client
    from grader.broker.topics import Topics

__all__ = ["OWN_KINDS", "Broker", "Offer"]

# Those that a grading starts, and may look after as it likes.
OWN_KINDS = ("local", "docker")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a kind of broker gives to a grading.

    Attributes:
        relay: Whether a relay can stand in front, which faults and "pens down" rest on.
        request_log: Whether the broker's request log can be read.
        cluster: Whether there are three brokers for a scenario that asks for them.
        reason: Why not, where something is missing; a sentence for the report.
    """

    relay: bool = True
    request_log: bool = True
    cluster: bool = True
    reason: str = ""

    def lack_for(self, scenario: Scenario) -> str:
        """Return what is missing for a scenario's conditions, in a few words; empty where nothing is."""
        if scenario.brokers > 1 and not self.cluster:
            return "three brokers"
        if scenario.fault is not None and not self.relay:
            return "a fault"
        if any(scenario.contacts) and not self.relay:
            return "addresses of the run's own"
        return ""


class Broker(Protocol):
    """A real Apache Kafka, of one node or more.

    Attributes:
        kind: The adapter's name, as in `--broker`.
        offer: What it can give.
        upstreams: Where the relay dials, one `(host, port)` a door.
        servers: Bootstrap servers for the grader's own clients.
    """

    kind: str
    offer: Offer
    upstreams: tuple[tuple[str, int], ...]
    servers: str

    def topics(self) -> "Topics":
        """Return the topics that a grading may make, read and delete there."""
        ...

    def mark(self) -> object:
        """Return the place in the request log from which the next run's requests are read."""
        ...

    def requests(
        self, since: object, sources: Collection[str], topic_names: Mapping[str, str]
    ) -> tuple[Request, ...]:
        """Return every request that came from these source addresses, complete behind a fence.

        Raises:
            EvidenceError: The log could not be read to its end.
        """
        ...

    def check_alive(self) -> None:
        """Return in silence while every node lives.

        Raises:
            BrokerError: A node is gone; its last lines are the detail.
        """
        ...

    def stop(self) -> None:
        """End every node and wait until it is gone; never raises over a result."""
        ...
