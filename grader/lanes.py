"""Several lanes side by side, so that the waiting of one scenario overlaps the work of others."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.errors import ConditionsUnavailable, GraderError
from grader.lane import Lane, Workshop, needs_default_address
from grader.model import Evidence, Scenario, Submission

# A fourth broker still shortens a grading of all exercises on two cores; a fifth does not.
MOST_LANES = 4
# With a cluster's three brokers, so many keep all of them together under 1.5 GB.
LANES_BESIDE_CLUSTER = 2
CLOSE_LIMIT_S = 1.0


@dataclass(frozen=True)
class Job:
    """One program under one scenario.

    Attributes:
        brokers: The brokers of the lane that it is taken to.
    """

    submission: Submission
    scenario: Scenario
    brokers: int = 1

    @property
    def waits(self) -> bool:
        """Whether most of its time is a fault's waiting, so that it is best begun early."""
        return self.scenario.fault is not None

    @property
    def needs_default_address(self) -> bool:
        """Whether it may dial `localhost:9092`; the kit's own experiments never do."""
        return needs_default_address(self.submission, self.scenario)


Deliver = Callable[[Job, Evidence | GraderError], None]


class Pool:
    """Lanes by number; kept warm between gradings where `keep` is set.

    Args:
        workshop: What lanes are made of.
        keep: Whether a lane that is given back stays open for the next grading.
    """

    def __init__(self, workshop: Workshop, *, keep: bool = False) -> None:
        self.workshop = workshop
        self._keep = keep
        self._idle: dict[int, Lane] = {}

    def take(self, number: int, brokers: int) -> Lane:
        """Return the lane of a number from 1, with so many brokers, opened if it is not."""
        lane = self._idle.pop(number, None)
        if lane is not None and lane.brokers == brokers and lane.is_healthy():
            return lane
        if lane is not None:
            lane.close()
        return Lane(self.workshop, number, brokers)

    def give_back(self, number: int, lane: Lane) -> None:
        """Take back a lane that is in order."""
        if self._keep:
            self._idle[number] = lane
        else:
            lane.close()

    def close(self) -> None:
        """End every lane that is kept."""
        for lane in self._idle.values():
            lane.close()
        self._idle.clear()


class Lender(Protocol):
    """Where lanes are taken from and given back to."""

    def take(self, number: int, brokers: int) -> Lane:
        """Return the lane of a number from 1, with so many brokers."""
        ...

    def give_back(self, number: int, lane: Lane) -> None:
        """Take back a lane that is in order."""
        ...


def plan(jobs: Sequence[Job], most: int | None = None) -> tuple[int, ...]:
    """Return the brokers of each lane that shortens these jobs.

    One lane for each job that waits and one for all the others, up to a limit; and one cluster, where a
    job needs it. It comes right behind the first lane, for its jobs take longest.
    """
    single = [job for job in jobs if job.brokers == 1]
    clusters = sorted({job.brokers for job in jobs} - {1})
    waiting = sum(job.waits for job in single)
    limit = min(most or MOST_LANES, LANES_BESIDE_CLUSTER if clusters else MOST_LANES)
    lanes = min(limit, waiting + (waiting < len(single)))
    ones = [1] * max(lanes, bool(single))
    return (*ones[:1], *clusters, *ones[1:])


class Lanes:
    """Threads that each own a lane and take jobs until none is left.

    A lane is opened when the one before it is ready, so that the first is ready soonest. Of the programs
    that dial `localhost:9092` outright one runs at a time: the address has one owner.

    Args:
        pool: Where lanes come from.
        jobs: What is to be run.
        deliver: Called from the lanes' threads with each job's evidence, or with what failed.
        lanes: The brokers of each lane; as `plan` has it unless given.
    """

    def __init__(
        self, pool: Lender, jobs: Sequence[Job], deliver: Deliver, *, lanes: Sequence[int] = ()
    ) -> None:
        self._pool = pool
        self._deliver = deliver
        self._jobs = sorted(jobs, key=lambda job: not job.waits)
        self._lock = threading.Condition()
        self._open: dict[int, Lane] = {}
        self._address_in_use = False
        self._stopping = False
        lanes = lanes or plan(jobs)
        ready = [threading.Event() for _ in range(len(lanes) + 1)]
        ready[0].set()
        self._threads = [
            threading.Thread(
                target=self._work, args=(number, brokers, ready), name=f"lane-{number}", daemon=True
            )
            for number, brokers in enumerate(lanes, start=1)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, number: int, brokers: int, ready: Sequence[threading.Event]) -> None:
        ready[number - 1].wait()
        lane: Lane | None = None
        while (job := self._next(brokers)) is not None:
            result: Evidence | GraderError
            try:
                lane = lane or self._opened(number, brokers)
                ready[number].set()
                result = lane.run(job.submission, job.scenario)
            except GraderError as error:
                result = error
            except Exception as error:  # noqa: BLE001 - whatever fails here is ours, and is said
                result = GraderError(f"The grader failed under scenario “{job.scenario.name}”: {error!r}")
            if isinstance(result, GraderError) and not isinstance(result, ConditionsUnavailable):
                self._shut(number, lane)
                lane = None
            self._over(job)
            if self._stopping:
                break
            self._deliver(job, result)
        ready[number].set()
        with self._lock:
            mine = self._open.pop(number, None)
        if mine is not None:
            self._pool.give_back(number, mine)

    def _next(self, brokers: int) -> Job | None:
        """Take a job for so many brokers; wait where all that are left need an address that is in use."""
        with self._lock:
            while not self._stopping and any(job.brokers == brokers for job in self._jobs):
                for job in self._jobs:
                    if job.brokers == brokers and not (job.needs_default_address and self._address_in_use):
                        self._jobs.remove(job)
                        self._address_in_use |= job.needs_default_address
                        return job
                self._lock.wait()
        return None

    def _over(self, job: Job) -> None:
        if job.needs_default_address:
            with self._lock:
                self._address_in_use = False
                self._lock.notify_all()

    def _opened(self, number: int, brokers: int) -> Lane:
        lane = self._pool.take(number, brokers)
        with self._lock:
            self._open[number] = lane
        return lane

    def _shut(self, number: int, lane: Lane | None) -> None:
        with self._lock:
            self._open.pop(number, None)
        if lane is not None:
            lane.close()

    def close(self) -> None:
        """Stop at once: no further job is begun, every broker ends."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
            lanes = list(self._open.values())
        for lane in lanes:
            lane.close()
        for thread in self._threads:
            thread.join(CLOSE_LIMIT_S)
