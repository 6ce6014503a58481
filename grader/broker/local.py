"""The local adapter: a combined KRaft node of real Kafka on free ports of this machine."""

import importlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grader.broker import Offer, request_log
from grader.broker.node import HOST, Node, free_ports
from grader.errors import BrokerError
from grader.model import Request

if TYPE_CHECKING:
    from grader.broker.topics import Topics

TRIES = 3


class LocalBroker:
    """One node that is controller and broker at once.

    Args:
        folder: A folder of its own, made here; whoever gave it removes it.
        advertised: `host:port` at which programs reach it, the relay's address.
        environment: Variables of the process, the reaper's mark among them.
    """

    kind = "local"
    offer = Offer()

    def __init__(self, folder: Path, *, advertised: str, environment: Mapping[str, str]) -> None:
        for attempt in range(1, TRIES + 1):
            ports = free_ports(3)
            self._node = Node(folder / f"try-{attempt}", settings(ports, advertised), environment)
            self._node.launch()
            importlib.import_module("grader.broker.topics")  # a Kafka client, loaded while Kafka starts
            try:
                self._node.await_answer(ports[1])
            except BrokerError:
                self._node.stop()
                if attempt == TRIES or not self._node.may_start_again():
                    raise
            except BaseException:
                self._node.stop()
                raise
            else:
                break
        self.upstreams: tuple[tuple[str, int], ...] = ((HOST, ports[0]),)
        self.servers = f"{HOST}:{ports[1]}"

    @property
    def pid(self) -> int:
        """Process id of the node."""
        assert self._node.process is not None
        return self._node.process.pid

    def topics(self) -> "Topics":
        """Return every topic: the broker is the grading's own."""
        from grader.broker.topics import Topics

        return Topics(self.servers)

    def mark(self) -> int:
        """Return the length of the request log, in bytes."""
        return self._node.request_log.stat().st_size

    def requests(
        self, since: object, sources: Collection[str], topic_names: Mapping[str, str]
    ) -> tuple[Request, ...]:
        """Return the requests of these sources behind `since`, once a fence has been logged."""
        self._node.fence(self.upstreams[0][1])
        log = self._node.request_log
        return tuple(request_log.read(log, since=int(str(since)), sources=sources, topic_names=topic_names))

    def check_alive(self) -> None:
        """Raise `BrokerError` with the last lines when the node is gone."""
        self._node.check_alive()

    def stop(self) -> None:
        """End the node at once: nothing that it stores is needed again."""
        self._node.stop()


def settings(ports: tuple[int, ...], advertised: str) -> dict[str, str]:
    """Return what a combined node of these ports (students', grader's, controller's) is told."""
    student, grader, controller = ports
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "listeners": f"STUDENT://{HOST}:{student},GRADER://{HOST}:{grader},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"STUDENT://{advertised},GRADER://{HOST}:{grader}",
    }
