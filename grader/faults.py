"""What a scenario does to a cluster: begun with the run, at a stated point of it, and undone after it.

Each fault is verified: one that did not take effect although the program reached it is our failure.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.broker.placement import placed
from grader.errors import BrokerError
from grader.model import BrokerStopped, LeaderKilled, Moment, ReplicationSlowed, Scenario
from grader.relay.faults import LateFetches

if TYPE_CHECKING:  # a Kafka client is loaded while Kafka starts
    from grader.broker.topics import Topics
    from grader.replication import Replication

# A log that has not grown for so long has stopped: a producer sends in milliseconds, or waits for answers.
QUIET_S = 1.0
POLL_S = 0.02
SLOWED_LIMIT_S = 10.0

# A fault that a busy machine spoiled is tried again with a new run, so often in all.
TRIES = 3

Peek = Callable[[], Mapping[str, bytes]]


class FaultSpoiled(BrokerError):
    """A fault was reached and did not take effect as stated: nothing can be said of the program."""


@dataclass
class Ordeal:
    """What became of a fault.

    Attributes:
        reached: Whether its trigger came; None where it needs none.
        moments: What was looked at on the way.
    """

    reached: bool | None = None
    moments: tuple[Moment, ...] = ()


def around(
    scenario: Scenario, replication: "Replication", topics: "Topics", peek: Peek
) -> AbstractContextManager[Ordeal]:
    """Put a cluster's fault to work around a run; for other faults and none, do nothing.

    Args:
        peek: Returns the scenario's `collect` files as they are, in mid-run.

    Raises:
        FaultSpoiled: On leaving: the fault was reached and did not take effect.
    """
    match scenario.fault:
        case LeaderKilled():
            return _leader_killed(scenario, replication, topics, peek)
        case BrokerStopped(broker):
            return _broker_stopped(broker, replication)
        case ReplicationSlowed(delay_s):
            return _replication_slowed(delay_s, replication)
        case _:
            return nullcontext(Ordeal())


@contextmanager
def _broker_stopped(broker: int, replication: "Replication") -> Iterator[Ordeal]:
    replication.cluster.stop_one(broker)
    yield Ordeal()


@contextmanager
def _replication_slowed(delay_s: float, replication: "Replication") -> Iterator[Ordeal]:
    with replication.delayed(delay_s) as late:
        # Followers ask all the time, so that this shows at once.
        deadline = time.monotonic() + SLOWED_LIMIT_S
        while not late.reached:
            if time.monotonic() > deadline:
                raise FaultSpoiled("Replication was to be slowed, and no follower fetches anything.")
            time.sleep(POLL_S)
        yield Ordeal()


@contextmanager
def _leader_killed(
    scenario: Scenario, replication: "Replication", topics: "Topics", peek: Peek
) -> Iterator[Ordeal]:
    fault = scenario.fault
    assert isinstance(fault, LeaderKilled)
    ordeal = Ordeal(reached=False)
    with replication.held(fault.behind, leader=fault.leader, after_bytes=fault.after_bytes) as late:
        killer = Killer(scenario, replication, late, topics, peek)
        killer.start()
        try:
            yield ordeal
        finally:
            killer.program_ended.set()
            killer.join()
    if killer.failure is not None:
        raise FaultSpoiled(
            f"The leader could not be killed as stated: {killer.failure!r}"
        ) from killer.failure
    ordeal.reached, ordeal.moments = bool(late.reached), killer.moments


class Killer(threading.Thread):
    """Waits for the point of the run at which the leader is killed, and kills it."""

    def __init__(
        self, scenario: Scenario, replication: "Replication", late: LateFetches, topics: "Topics", peek: Peek
    ) -> None:
        super().__init__(name="killer", daemon=True)
        self.program_ended = threading.Event()
        self.moments: tuple[Moment, ...] = ()
        self.failure: Exception | None = None
        assert isinstance(scenario.fault, LeaderKilled)
        self._leader = scenario.fault.leader
        self._placed = tuple(placed(topic) for topic in scenario.topics)
        self._names = frozenset(topic.name for topic in scenario.topics)
        self._cluster = replication.cluster
        self._late = late
        self._topics = topics
        self._peek = peek

    def run(self) -> None:
        """Do it."""
        try:
            if self._trigger_comes():
                self._await_quiet()
                self.moments = (self._moment(),)
                self._refuse_stragglers()
                self._cluster.kill(self._leader)
                self._cluster.await_leaders()
                self._cluster.relaunch()
        except Exception as failure:  # noqa: BLE001 - handed to the thread that runs the program
            self.failure = failure

    def _trigger_comes(self) -> bool:
        """Wait for the first answer that is held; a program that has ended may still have caused one."""
        while not self._late.reached:
            if self.program_ended.wait(POLL_S):
                return self._late_arrival()
        return True

    def _late_arrival(self) -> bool:
        deadline = time.monotonic() + QUIET_S
        while not self._late.reached and time.monotonic() < deadline:
            time.sleep(POLL_S)
        return bool(self._late.reached)

    def _await_quiet(self) -> None:
        size, since = -1, time.monotonic()
        while time.monotonic() < since + QUIET_S:
            now = self._cluster.log_bytes(self._leader, self._names)
            if now != size:
                size, since = now, time.monotonic()
            if self.program_ended.wait(POLL_S):
                return

    def _refuse_stragglers(self) -> None:
        """Raise where a replica fell out of sync by itself: then others than stated could lead next."""
        in_sync = self._topics.in_sync()
        for topic in self._placed:
            for number, replicas in enumerate(topic.replicas):
                if set(replicas) != in_sync[topic.name][number]:
                    raise FaultSpoiled(
                        f"Of {topic.name}-{number} only {set(in_sync[topic.name][number])} are in sync."
                    )

    def _moment(self) -> Moment:
        # The files first: what they name was acknowledged before the records are looked at.
        files = self._peek()
        records, _ = self._topics.read(tuple(self._names))
        return Moment("right before the leader was killed", files, records)
