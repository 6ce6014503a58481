"""The order in which lanes take jobs, and what becomes of a lane that is lost."""

import threading
from typing import cast

from grader.errors import BrokerError, GraderError
from grader.lane import Lane
from grader.lanes import MOST_LANES, Job, Lanes, lanes_for
from grader.model import Evidence, Scenario, Stall, Submission

STALLED, FREE = Stall(4.0), None


def job(name: str, fault: Stall | None = FREE, source: bytes = b"") -> Job:
    submission = Submission(name, {"producer.py": source}, "")
    return Job(submission, Scenario(name=name, title=name, topics=(), fault=fault))


class Recorded:
    """A lane that runs nothing and remembers what it was asked."""

    def __init__(self, number: int, log: list[tuple[int, str]], lost: set[str]) -> None:
        self.number, self.log, self.lost, self.closed = number, log, lost, False

    def run(self, submission: Submission, scenario: Scenario) -> Evidence:
        self.log.append((self.number, scenario.name))
        if scenario.name in self.lost:
            self.lost.discard(scenario.name)
            raise BrokerError("lost")
        return cast(Evidence, scenario.name)

    def close(self) -> None:
        self.closed = True


def work(jobs: list[Job], lost: set[str]) -> tuple[list[tuple[int, str]], dict[str, object], list[Recorded]]:
    log: list[tuple[int, str]] = []
    results: dict[str, object] = {}
    opened: list[Recorded] = []
    done = threading.Event()

    class Lending:
        def take(self, number: int) -> Lane:
            opened.append(Recorded(number, log, lost))
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


def test_programs_that_dial_the_default_address_all_run_in_the_first_lane() -> None:
    jobs = [job(f"s{number}", STALLED, b"x = 'localhost:9092'") for number in range(6)]
    log, _, _ = work(jobs, set())
    assert {1} == {number for number, _ in log}


def test_lanes_are_as_many_as_shorten_the_waiting() -> None:
    assert 1 == lanes_for([job("a")])
    assert 1 == lanes_for([job("a"), job("b", STALLED)])
    assert 3 == lanes_for([job("a"), job("b", STALLED), job("c"), job("d", STALLED)])
    assert MOST_LANES == lanes_for([job(f"{number}", STALLED) for number in range(20)])
