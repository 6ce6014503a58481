"""How the brokers of a cluster copy from each other, and what can be done to it: joins cluster and relay."""

from collections.abc import Iterator
from contextlib import contextmanager

from grader.broker.cluster import Cluster
from grader.relay import UNCAPPED, Relay
from grader.relay.faults import LateFetches

# The brokers dial each other from here, through the relay.
SOURCE = "127.0.3.1"


class Replication:
    """The way between the brokers of a cluster.

    Args:
        cluster: Advertises the relay to its own nodes.
        relay: Stands between them; closed with this.
    """

    def __init__(self, cluster: Cluster, relay: Relay) -> None:
        self.cluster = cluster
        self._relay = relay
        self._passage = relay.admit(cluster.internal_upstreams, source=SOURCE, caps=UNCAPPED)

    @contextmanager
    def delayed(self, delay_s: float) -> Iterator[LateFetches]:
        """Let every follower get what it asks for late."""
        with self._under(LateFetches(delay_s=delay_s)) as late:
            yield late

    @contextmanager
    def held(self, follower: int, *, leader: int, after_bytes: int = 0) -> Iterator[LateFetches]:
        """Keep from one follower what it asks of one leader, once it has got so many bytes."""
        late = LateFetches(f"broker-{follower}-fetcher-0", door=leader - 1, after_bytes=after_bytes)
        with self._under(late):
            yield late

    @contextmanager
    def _under(self, late: LateFetches) -> Iterator[LateFetches]:
        self._passage.inflict(late)
        try:
            yield late
        finally:
            self._passage.release()

    def close(self) -> None:
        """Close the relay."""
        self._relay.close()
