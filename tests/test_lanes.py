"""The order in which lanes take jobs, and what becomes of a lane that is lost."""

import dataclasses
import threading
import time
from typing import ClassVar, cast

from grader.errors import BrokerError, ConditionsUnavailable, GraderError
from grader.lane import MOST_PACE, Lane, needs_default_address, pace
from grader.lanes import LANES_BESIDE_CLUSTER, MOST_LANES, Job, Lanes, plan
from grader.model import Evidence, Scenario, Stall, Submission

STALLED, FREE = Stall(4.0), None
LOST = BrokerError("lost")


def job(name: str, fault: Stall | None = FREE, source: bytes = b"", brokers: int = 1) -> Job:
    submission = Submission(name, {"producer.py": source}, "")
    scenario = Scenario(name=name, title=name, topics=(), fault=fault, brokers=brokers)
    return Job(submission, scenario, brokers)


class Recorded:
    """A lane that runs nothing and remembers what it was asked."""

    at_work: ClassVar[set[str]] = set()

    def __init__(
        self, number: int, brokers: int, log: list[tuple[int, str]], lost: set[str], loss: GraderError
    ) -> None:
        self.number, self.brokers, self.log, self.lost, self.closed = number, brokers, log, lost, False
        self.loss = loss

    def run(self, submission: Submission, scenario: Scenario) -> Evidence:
        self.log.append((self.number, scenario.name))
        assert self.brokers == scenario.brokers
        if needs_default_address(submission, scenario):
            assert not self.at_work
            self.at_work.add(scenario.name)
            time.sleep(0.02)  # long enough for another lane to take the next
            self.at_work.clear()
        if scenario.name in self.lost:
            self.lost.discard(scenario.name)
            raise self.loss
        return cast(Evidence, scenario.name)

    def close(self) -> None:
        self.closed = True


def work(
    jobs: list[Job], lost: set[str], loss: GraderError = LOST
) -> tuple[list[tuple[int, str]], dict[str, object], list[Recorded]]:
    log: list[tuple[int, str]] = []
    results: dict[str, object] = {}
    opened: list[Recorded] = []
    done = threading.Event()

    class Lending:
        def take(self, number: int, brokers: int) -> Lane:
            opened.append(Recorded(number, brokers, log, lost, loss))
            return cast(Lane, opened[-1])

        def give_back(self, number: int, lane: Lane) -> None:
            lane.close()

    def deliver(each: Job, result: Evidence | GraderError) -> None:
        results[each.scenario.name] = result
        if len(results) == len(jobs):
            done.set()

    lanes = Lanes(Lending(), jobs, deliver)
    assert done.wait(5)
    lanes.close()
    return log, results, opened


def test_every_job_is_delivered_once() -> None:
    jobs = [job(f"s{number}", STALLED if number % 2 else FREE) for number in range(9)]
    log, results, opened = work(jobs, set())
    assert {each.scenario.name for each in jobs} == results.keys()
    assert sorted(each.scenario.name for each in jobs) == sorted(name for _, name in log)
    assert all(lane.closed for lane in opened)


def test_a_job_whose_broker_was_lost_is_an_error_and_the_next_gets_a_new_one() -> None:
    _, results, opened = work([job("a"), job("b")], {"a"})
    assert isinstance(results["a"], BrokerError)
    assert "b" == results["b"]
    assert [1, 1] == [lane.number for lane in opened]


def test_a_lane_that_cannot_give_the_conditions_is_kept() -> None:
    _, results, opened = work([job("a"), job("b")], {"a"}, ConditionsUnavailable("no"))
    assert isinstance(results["a"], ConditionsUnavailable)
    assert "b" == results["b"]
    assert [1] == [lane.number for lane in opened]


def test_programs_that_dial_the_default_address_run_one_at_a_time() -> None:
    sources = (b"x = 'localhost:9092'", b"")
    jobs = [job(f"s{number}", STALLED, sources[number % 2], 1 + 2 * (number > 5)) for number in range(9)]
    _, results, _ = work(jobs, set())
    assert len(jobs) == len(results)


def test_the_kits_own_experiments_do_not_need_the_default_address() -> None:
    program = job("program", source=b"x = 'localhost:9092'")
    experiment = dataclasses.replace(program.scenario, program=b"pass")
    assert program.needs_default_address
    assert not Job(program.submission, experiment).needs_default_address


def test_lanes_are_as_many_as_shorten_the_waiting() -> None:
    assert (1,) == plan([job("a")])
    assert (1, 1) == plan([job("a"), job("b", STALLED)])
    assert (1,) == plan([job("b", STALLED)])
    assert (1, 1, 1) == plan([job("a"), job("b", STALLED), job("c"), job("d", STALLED)])
    assert (1,) * MOST_LANES == plan([job(f"{number}", STALLED) for number in range(20)])
    assert (1, 1) == plan([job(f"{number}", STALLED) for number in range(20)], 2)


def test_one_cluster_is_opened_where_a_job_needs_one() -> None:
    several = [job(f"{number}", STALLED) for number in range(20)]
    assert (3,) == plan([job("a", brokers=3), job("b", STALLED, brokers=3)])
    assert (1, 3) == plan([job("a", brokers=3), job("b")])
    assert (1, 3, *[1] * (LANES_BESIDE_CLUSTER - 1)) == plan([*several, job("a", brokers=3)])


def test_limits_are_stretched_on_a_machine_that_is_slow() -> None:
    assert 1.0 == pace(0.7, 1) == pace(3.0, 1) == pace(9.0, 3)
    assert 2.0 == pace(6.0, 1) == pace(18.0, 3)
    assert MOST_PACE == pace(60.0, 1)
