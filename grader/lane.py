"""A lane: one broker behind its relay, running one scenario at a time.

Everything that a run is judged by is made here, in this order: topics made anew, relay opened,
program run, pens down, request log fenced, end offsets taken, records read, evidence frozen.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader import evidence
from grader.broker import Broker
from grader.errors import GraderError
from grader.model import Evidence, Exit, Run, Scenario, Submission, Traffic
from grader.relay import Relay
from grader.sandbox import Sandbox
from grader.submission import PROGRAM, dials_default_address

DEFAULT_ADDRESS = "localhost:9092"
# What a program sent before it ended is in the kernel's buffers; a broker takes it in at once.
PENS_DOWN_LIMIT_S = 10.0

OpenBroker = Callable[[Path], tuple[Relay | None, Broker]]


class ConditionsUnavailable(GraderError):
    """The broker in use cannot give the conditions of a scenario."""


@dataclass(frozen=True)
class Workshop:
    """What lanes are made of.

    Attributes:
        folder: Where brokers and scratch folders live; removed by the reaper.
        open_broker: Starts or reaches a broker, given a folder; returns it and the relay in front,
            None where none can stand there.
        environment: Variables of every process of the grading, the reaper's mark among them.
        most_lanes: How many there may be at once: one, where they would share a cluster; None for any.
    """

    folder: Path
    sandbox: Sandbox
    open_broker: OpenBroker
    environment: Mapping[str, str]
    most_lanes: int | None = None


class Lane:
    """One broker behind its relay.

    Args:
        number: From 1; the relay dials the broker from an address of its own, 127.0.1.N.
    """

    def __init__(self, workshop: Workshop, number: int) -> None:
        self._workshop = workshop
        self._number = number
        self._runs = itertools.count(1)
        self._relay, self.broker = workshop.open_broker(workshop.folder / f"broker-{number}")
        try:
            self._topics = self.broker.topics()
        except BaseException:
            self._close_ends()
            raise

    def is_healthy(self) -> bool:
        """Whether the broker still lives, so that another grading may use it."""
        try:
            self.broker.check_alive()
        except GraderError:
            return False
        return True

    def run(self, submission: Submission, scenario: Scenario) -> Evidence:
        """Run a program under a scenario's conditions and freeze what happened.

        Raises:
            ConditionsUnavailable: This kind of broker cannot give them.
            GraderError: Something of ours failed; the program is not to blame.
        """
        offer = self.broker.offer
        if scenario.fault is not None and not offer.relay:
            raise ConditionsUnavailable(offer.reason)
        self._topics.make_anew(scenario.topics)
        since = self.broker.mark()
        if self._relay is None:
            address, traffic, sources = self._own_addresses(submission), None, frozenset[str]()
            run = self._run(submission, scenario, address)
        else:
            address = ",".join(self._relay.addresses)
            run, traffic, sources = self._run_behind(self._relay, submission, scenario)
        return evidence.collect(
            self.broker,
            self._topics,
            submission=submission,
            scenario=scenario,
            run=run,
            traffic=traffic,
            sources=sources,
            since=since,
            bootstrap_servers=address,
        )

    def _own_addresses(self, submission: Submission) -> str:
        """Return the addresses of a broker without a relay, unless the program dials another one outright."""
        addresses = [f"{host}:{port}" for host, port in self.broker.upstreams]
        if dials_default_address(submission) and DEFAULT_ADDRESS not in addresses:
            raise GraderError(
                f"The program dials {DEFAULT_ADDRESS}, and the broker in use is at {', '.join(addresses)}.",
                cure="Let the program read KAFKA_BOOTSTRAP_SERVERS, or leave --broker out.",
            )
        return ",".join(addresses)

    def _run_behind(
        self, relay: Relay, submission: Submission, scenario: Scenario
    ) -> tuple[Run, Traffic, frozenset[str]]:
        doors = (DEFAULT_ADDRESS,) if dials_default_address(submission) else ()
        passage = relay.admit(
            self.broker.upstreams,
            fault=scenario.fault,
            source=f"127.0.1.{self._number}",
            extra_doors=doors,
        )
        try:
            run = self._run(submission, scenario, ",".join(relay.addresses))
        finally:
            traffic, sources = passage.pens_down(PENS_DOWN_LIMIT_S)
        return run, traffic, frozenset(sources)

    def _run(self, submission: Submission, scenario: Scenario, address: str) -> Run:
        if scenario.program is None and PROGRAM not in submission.files:
            return _nothing_to_run(submission.ignored, scenario)
        scratch = self._workshop.folder / f"run-{self._number}-{next(self._runs)}"
        return self._workshop.sandbox.run(submission, scenario, bootstrap_servers=address, scratch=scratch)

    def close(self) -> None:
        """End clients, relay and broker; what fails in it never raises over a result."""
        self._topics.close()
        self._close_ends()

    def _close_ends(self) -> None:
        if self._relay is not None:
            self._relay.close()
        self.broker.stop()


def _nothing_to_run(ignored: Mapping[str, str], scenario: Scenario) -> Run:
    reason = ignored.get(PROGRAM, "is missing")
    return Run(
        exit=Exit("not_started"),
        stdout=b"",
        stderr=f"{PROGRAM} {reason}".encode(),
        duration_s=0.0,
        wall_limit_s=scenario.wall_limit_s,
    )
