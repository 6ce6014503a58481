"""The cluster adapter: three real brokers of this machine, which can be stopped, killed and brought back.

Node 1 is controller and broker, and lives throughout; 2 and 3 are brokers. They copy from each other
over a listener of their own, advertised at a relay, so that replication can be held and slowed there.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from grader.broker import Offer, request_log
from grader.broker.node import HOST, Node, free_ports, random_uuid
from grader.broker.placement import NODES
from grader.broker.topics import Topics, is_stale
from grader.errors import BrokerError
from grader.model import Request

CONTROLLER_NODE = 1
TRIES = 3
# All of them want the same two cores at once.
JOIN_LIMIT_S = 60.0
LEADERS_LIMIT_S = 30.0
# Asking the cluster costs a client some milliseconds of the processor that everybody waits for.
PAUSE_S = 0.1
# A node that comes back is unknown to the grader's own clients until they ask again.
METADATA_AGE_MS = 300
# A broker that was killed is given up by the controller after this; no shorter, since one that a busy
# machine keeps waiting must not be given up.
SESSION_MS, HEARTBEAT_MS = 4_000, 500


class Cluster:
    """Three nodes.

    Args:
        folder: A folder of its own, made here; whoever gave it removes it.
        advertised: `host:port` at which programs reach each node, the relay's addresses.
        internal: `host:port` at which the nodes reach each other, another relay's addresses.
        environment: Variables of the processes, the reaper's mark among them.

    Attributes:
        internal_upstreams: Where that other relay leads, by node.
    """

    kind = "local"
    offer = Offer()

    def __init__(
        self,
        folder: Path,
        *,
        advertised: Sequence[str],
        internal: Sequence[str],
        environment: Mapping[str, str],
    ) -> None:
        for attempt in range(1, TRIES + 1):
            ports = free_ports(3 * len(NODES) + 1)
            home, cluster_id = folder / f"try-{attempt}", random_uuid()
            self._ports = {node: ports[3 * node - 2 : 3 * node + 1] for node in NODES}
            self._nodes = {
                node: Node(
                    home / f"node-{node}",
                    settings(node, ports, (advertised[node - 1], internal[node - 1])),
                    environment,
                    cluster_id=cluster_id,
                )
                for node in NODES
            }
            try:
                self._launch()
                break
            except BrokerError:
                self.stop()
                if attempt == TRIES or not any(node.may_start_again() for node in self._nodes.values()):
                    raise
            except BaseException:
                self.stop()
                raise
        self._stopped: set[int] = set()
        self._relaunched: set[int] = set()
        self.upstreams = tuple((HOST, self._ports[node][0]) for node in NODES)
        self.internal_upstreams = tuple((HOST, self._ports[node][2]) for node in NODES)
        self.servers = ",".join(f"{HOST}:{self._ports[node][1]}" for node in NODES)
        self._admin = KafkaAdminClient(bootstrap_servers=self.servers, client_id="grader")
        try:
            self._await(self._all_have_joined, "to join")
        except BaseException:
            self.stop()
            raise

    def _launch(self) -> None:
        for node in self._nodes.values():
            node.launch()
        for number, node in self._nodes.items():
            node.await_answer(self._ports[number][1])

    def topics(self) -> Topics:
        """Return every topic: the cluster is the grading's own."""
        return Topics(self.servers, {"metadata_max_age_ms": METADATA_AGE_MS})

    def mark(self) -> Mapping[int, int]:
        """Return the length of each node's request log, in bytes."""
        return {number: node.request_log.stat().st_size for number, node in self._nodes.items()}

    def requests(
        self, since: object, sources: Collection[str], topic_names: Mapping[str, str]
    ) -> tuple[Request, ...]:
        """Return the requests of these sources behind `since`, one node's after the other's.

        A node that was killed has logged what it had answered; it is to be back by now.
        """
        assert isinstance(since, Mapping)
        found: list[Request] = []
        for number, node in self._nodes.items():
            node.fence(self._ports[number][0])
            found += request_log.read(
                node.request_log,
                since=since[number],
                sources=sources,
                topic_names=topic_names,
                broker=number,
            )
        return tuple(found)

    def kill(self, number: int) -> None:
        """End a node at once, as a power cut does."""
        self._stopped.add(number)
        self._nodes[number].stop()

    def stop_one(self, number: int) -> None:
        """Stop a node in order: it hands over what it leads, and leaves every set of in-sync replicas."""
        self._stopped.add(number)
        self._nodes[number].stop(gently=True)
        self._await(
            lambda: not any(number in each for each in self._in_sync()), f"to do without node {number}"
        )

    def relaunch(self) -> None:
        """Start every node that was stopped, and return at once."""
        for number in sorted(self._stopped - self._relaunched):
            self._nodes[number].launch()
            self._relaunched.add(number)

    def heal(self) -> None:
        """Bring back every node that was stopped; return when all replicas are in sync.

        Raises:
            BrokerError: They are not, in time.
        """
        self.check_alive()
        self.relaunch()
        for number in sorted(self._stopped):
            self._await_return(number)
        self._stopped.clear()
        self._relaunched.clear()
        self._await(self._all_have_joined, "to come back")
        self._await(self._all_in_sync, "to be in sync")

    def _await_return(self, number: int) -> None:
        node = self._nodes[number]
        for attempt in range(1, TRIES + 1):
            try:
                node.await_answer(self._ports[number][1])
            except BrokerError:
                # A connection of another program may have drawn one of its ports meanwhile.
                if attempt == TRIES or not node.may_start_again():
                    raise
                node.launch()
            else:
                return

    def log_bytes(self, number: int, topics: Collection[str]) -> int:
        """Return how much a node has stored of these topics."""
        return sum(
            segment.stat().st_size
            for segment in self._nodes[number].data.glob("*/*.log")
            if segment.parent.name.rpartition("-")[0] in topics
        )

    def await_leaders(self) -> None:
        """Return when every partition is led by a node that lives."""
        self._await(
            lambda: all(part["leader_id"] in set(NODES) - self._stopped for part in self._partitions()),
            "to find new leaders",
            LEADERS_LIMIT_S,
        )

    def check_alive(self) -> None:
        """Raise `BrokerError` with the last lines when a node is gone that was not stopped."""
        for number, node in self._nodes.items():
            if number not in self._stopped:
                node.check_alive()

    def stop(self) -> None:
        """End every node at once: nothing that they store is needed again."""
        if hasattr(self, "_admin"):
            self._admin.close()
        for node in self._nodes.values():
            if node.process is not None:
                node.process.kill()
        for node in self._nodes.values():
            node.stop()

    def _partitions(self) -> list[Mapping[str, object]]:
        return [part for topic in self._admin.describe_topics() for part in topic["partitions"]]

    def _state(self) -> str:
        try:
            return f"Leader and in-sync replicas, by partition: {self._led()}."
        except KafkaError as error:
            return f"The cluster does not say who leads: {error!r}."

    def _led(self) -> list[tuple[object, object]]:
        return [(part["leader_id"], part["isr_nodes"]) for part in self._partitions()]

    def _in_sync(self) -> list[Collection[int]]:
        return [part["isr_nodes"] for part in self._partitions()]  # type: ignore[misc]

    def _all_in_sync(self) -> bool:
        return all(
            set(part["isr_nodes"]) == set(part["replica_nodes"])  # type: ignore[call-overload]
            for part in self._partitions()
        )

    def _all_have_joined(self) -> bool:
        brokers = self._admin.describe_cluster()["brokers"]
        return len(NODES) == sum(not broker["is_fenced"] for broker in brokers)

    def _await(self, condition: Callable[[], bool], what: str, limit_s: float = JOIN_LIMIT_S) -> None:
        deadline = time.monotonic() + limit_s
        while True:
            try:
                if condition():
                    return
            except KafkaError as error:
                if not is_stale(error):
                    raise BrokerError(f"The cluster does not answer: {error!r}") from error
            self.check_alive()
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"The three brokers were given {limit_s:.0f} s {what}, and need longer.",
                    cure="Close programs that take all of the processor, then grade again.",
                    detail=f"{self._state()}\n{self._nodes[CONTROLLER_NODE].last_lines()}",
                )
            time.sleep(PAUSE_S)


def settings(number: int, ports: Sequence[int], advertised: tuple[str, str]) -> dict[str, str]:
    """Return what a node is told.

    Args:
        ports: The controller's, then three of each node: students', grader's, the nodes' own.
        advertised: The relays' addresses for the first and the last of these.
    """
    student, grader, internal = ports[3 * number - 2 : 3 * number + 1]
    listeners = f"STUDENT://{HOST}:{student},GRADER://{HOST}:{grader},INTERNAL://{HOST}:{internal}"
    leads = number == CONTROLLER_NODE
    return {
        "process.roles": "broker,controller" if leads else "broker",
        "node.id": f"{number}",
        "controller.quorum.voters": f"{CONTROLLER_NODE}@{HOST}:{ports[0]}",
        "listeners": listeners + (f",CONTROLLER://{HOST}:{ports[0]}" if leads else ""),
        "advertised.listeners": (
            f"STUDENT://{advertised[0]},GRADER://{HOST}:{grader},INTERNAL://{advertised[1]}"
        ),
        "listener.security.protocol.map": ",".join(
            f"{name}:PLAINTEXT" for name in ("STUDENT", "GRADER", "INTERNAL", "CONTROLLER")
        ),
        "inter.broker.listener.name": "INTERNAL",
        # Who leads is the scenario's affair.
        "auto.leader.rebalance.enable": "false",
        "broker.session.timeout.ms": f"{SESSION_MS}",
        "broker.heartbeat.interval.ms": f"{HEARTBEAT_MS}",
        "transaction.state.log.replication.factor": "3",
        "transaction.state.log.min.isr": "2",
    }
