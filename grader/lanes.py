"""Several lanes side by side, so that the waiting of one scenario overlaps the work of others."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.errors import GraderError
from grader.lane import Lane, Workshop
from grader.model import Evidence, Scenario, Submission
from grader.submission import dials_default_address

# A fourth broker still shortens a grading of all exercises on two cores; a fifth does not.
MOST_LANES = 4
CLOSE_LIMIT_S = 1.0


@dataclass(frozen=True)
class Job:
    """One program under one scenario."""

    submission: Submission
    scenario: Scenario

    @property
    def waits(self) -> bool:
        """Whether most of its time is a fault's waiting, so that it is best begun early."""
        return self.scenario.fault is not None


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

    def take(self, number: int) -> Lane:
        """Return the lane of a number from 1, opened if it is not."""
        lane = self._idle.pop(number, None)
        if lane is not None and lane.is_healthy():
            return lane
        if lane is not None:
            lane.close()
        return Lane(self.workshop, number)

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

    def take(self, number: int) -> Lane:
        """Return the lane of a number from 1."""
        ...

    def give_back(self, number: int, lane: Lane) -> None:
        """Take back a lane that is in order."""
        ...


def lanes_for(jobs: Sequence[Job], most: int | None = None) -> int:
    """Return how many lanes shorten these jobs: one for each that waits, one for all the others."""
    waiting = sum(job.waits for job in jobs)
    return max(1, min(most or MOST_LANES, waiting + (waiting < len(jobs)) - (len(jobs) <= 2)))


class Lanes:
    """Threads that each own a lane and take jobs until none is left.

    A lane is opened when the one before it is ready, so that the first is ready soonest. Programs
    that dial `localhost:9092` outright all run in the first lane: the address has one owner.

    Args:
        pool: Where lanes come from.
        jobs: What is to be run.
        deliver: Called from the lanes' threads with each job's evidence, or with what failed.
        most: How many lanes there may be at once; None for as many as help.
    """

    def __init__(
        self, pool: Lender, jobs: Sequence[Job], deliver: Deliver, *, most: int | None = None
    ) -> None:
        self._pool = pool
        self._deliver = deliver
        self._jobs = sorted(jobs, key=lambda job: not job.waits)
        self._lock = threading.Lock()
        self._open: dict[int, Lane] = {}
        self._stopping = False
        count = lanes_for(jobs, most)
        ready = [threading.Event() for _ in range(count + 1)]
        ready[0].set()
        self._threads = [
            threading.Thread(target=self._work, args=(number, ready), name=f"lane-{number}", daemon=True)
            for number in range(1, count + 1)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, number: int, ready: Sequence[threading.Event]) -> None:
        ready[number - 1].wait()
        lane: Lane | None = None
        while (job := self._next(number)) is not None:
            result: Evidence | GraderError
            try:
                lane = lane or self._opened(number)
                ready[number].set()
                result = lane.run(job.submission, job.scenario)
            except GraderError as error:
                result = error
                self._shut(number, lane)
                lane = None
            except Exception as error:  # noqa: BLE001 - whatever fails here is ours, and is said
                result = GraderError(f"The grader failed under scenario “{job.scenario.name}”: {error!r}")
                self._shut(number, lane)
                lane = None
            if self._stopping:
                break
            self._deliver(job, result)
        ready[number].set()
        with self._lock:
            mine = self._open.pop(number, None)
        if mine is not None:
            self._pool.give_back(number, mine)

    def _next(self, number: int) -> Job | None:
        with self._lock:
            for job in () if self._stopping else self._jobs:
                if number == 1 or not dials_default_address(job.submission):
                    self._jobs.remove(job)
                    return job
        return None

    def _opened(self, number: int) -> Lane:
        lane = self._pool.take(number)
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
            lanes = list(self._open.values())
        for lane in lanes:
            lane.close()
        for thread in self._threads:
            thread.join(CLOSE_LIMIT_S)
