"""How the brokers of a cluster copy from each other, and what can be done to it: joins cluster and relay."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from grader.broker.cluster import Cluster
from grader.broker.placement import NODES
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


def open_cluster(folder: Path, environment: Mapping[str, str]) -> tuple[Relay, Replication]:
    """Bind a relay in front of the nodes and one between them, and start three that advertise these.

    Returns:
        The relay in front, and the way between the nodes, with their cluster.
    """
    with ExitStack() as held:
        front, between = (held.enter_context(Relay.listen(len(NODES))) for _ in range(2))
        cluster = Cluster(
            folder, advertised=front.addresses, internal=between.addresses, environment=environment
        )
        held.callback(cluster.stop)
        replication = Replication(cluster, between)
        held.pop_all()
    return front, replication
