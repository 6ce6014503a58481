"""A lane: one broker behind its relay, running one scenario at a time.

Everything that a run is judged by is made here, in this order: topics made anew, relay opened,
program run, pens down, request log fenced, end offsets taken, records read, evidence frozen.
"""

import itertools
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from grader import evidence, faults
from grader.broker import OWN_KINDS, Broker
from grader.broker.placement import placed
from grader.errors import ConditionsUnavailable, GraderError
from grader.model import (
    Evidence,
    Exit,
    FirstContactDies,
    Moment,
    Run,
    Scenario,
    Stall,
    Submission,
    Topic,
    Traffic,
)
from grader.relay import Passage, Relay
from grader.relay.doors import address_of, listen
from grader.sandbox import Sandbox
from grader.submission import PROGRAM, dials_default_address

if TYPE_CHECKING:  # a Kafka client is loaded while Kafka starts
    from grader.replication import Replication

HOST = "127.0.0.1"
DEFAULT_ADDRESS = "localhost:9092"
# How soon after its broker a run is given up.
LOOK_S = 0.5
# What a program sent before it ended is in the kernel's buffers; a broker takes it in at once.
PENS_DOWN_LIMIT_S = 10.0
# A broker, twice as slow to start as on two free cores without its cache; limits hold as stated up to here.
USUAL_OPENING_S = 3.0
MOST_PACE = 3.0


@dataclass(frozen=True)
class Site:
    """One broker or one cluster, and what stands in front of it.

    Attributes:
        relay: With a door for each node; None where none can stand there.
        replication: The way between the nodes of a cluster.
    """

    broker: Broker
    relay: Relay | None = None
    replication: "Replication | None" = None

    def close(self) -> None:
        """End relays and brokers; a second time does nothing."""
        if self.relay is not None:
            self.relay.close()
        self.broker.stop()
        if self.replication is not None:
            self.replication.close()


OpenSite = Callable[[Path, int], Site]


@dataclass(frozen=True)
class Workshop:
    """What lanes are made of.

    Attributes:
        folder: Where brokers and scratch folders live; removed by the reaper.
        open_site: Starts or reaches so many brokers, given a folder.
        environment: Variables of every process of the grading, the reaper's mark among them.
        most_lanes: How many there may be at once: one, where they would share a cluster; None for any.
        clusters: Whether three brokers can be had.
    """

    folder: Path
    sandbox: Sandbox
    open_site: OpenSite
    environment: Mapping[str, str]
    most_lanes: int | None = None
    clusters: bool = True

    def brokers_for(self, scenario: Scenario) -> int:
        """Return the brokers of the lane that a scenario is taken to."""
        return scenario.brokers if self.clusters else 1


class Lane:
    """One broker, or one cluster, behind its relay.

    Args:
        number: The relay dials the brokers from an address of the lane's own, 127.0.1.N.
        brokers: How many there are.
    """

    def __init__(self, workshop: Workshop, number: int, brokers: int = 1) -> None:
        self._workshop = workshop
        self._number = number
        self.brokers = brokers
        self._runs = itertools.count(1)
        began = time.monotonic()
        self._site = workshop.open_site(workshop.folder / f"broker-{number}", brokers)
        self._pace = pace(time.monotonic() - began, brokers)
        self.broker = self._site.broker
        try:
            self._topics = self.broker.topics()
        except BaseException:
            self._site.close()
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
        if offer.lack_for(scenario):
            raise ConditionsUnavailable(offer.reason)
        for _ in range(faults.TRIES - 1):
            try:
                return self._run_once(submission, scenario)
            except faults.FaultSpoiled:
                self._heal()
        return self._run_once(submission, scenario)

    def _run_once(self, submission: Submission, scenario: Scenario) -> Evidence:
        self._topics.make_anew(self._placed(scenario))
        since, leaders = self.broker.mark(), self._topics.leaders()
        relay = self._site.relay
        passed = (
            self._run_without(submission, scenario)
            if relay is None
            else self._run_behind(relay, submission, scenario)
        )
        self._heal()
        found = evidence.collect(
            self.broker,
            self._topics,
            submission=submission,
            scenario=scenario,
            run=passed.run,
            traffic=passed.traffic,
            sources=passed.sources,
            since=since,
            bootstrap_servers=passed.bootstrap_servers,
        )
        return replace(found, brokers=self._advertised(), leaders=leaders, moments=passed.moments)

    def _heal(self) -> None:
        if self._site.replication is not None:
            self._site.replication.cluster.heal()

    def _placed(self, scenario: Scenario) -> Sequence[Topic]:
        return scenario.topics if self.brokers == 1 else tuple(placed(topic) for topic in scenario.topics)

    def _advertised(self) -> Mapping[int, str]:
        relay = self._site.relay
        return {} if relay is None else dict(enumerate(relay.addresses, start=1))

    def _run_without(self, submission: Submission, scenario: Scenario) -> "Passed":
        """Run a program at a broker without a relay, unless it dials another one outright."""
        addresses = [f"{host}:{port}" for host, port in self.broker.upstreams]
        if needs_default_address(submission, scenario) and DEFAULT_ADDRESS not in addresses:
            raise GraderError(
                f"The program dials {DEFAULT_ADDRESS}, and the broker in use is at {', '.join(addresses)}.",
                cure="Let the program read KAFKA_BOOTSTRAP_SERVERS, or leave --broker out.",
            )
        with Contacts(scenario.contacts) as contacts:
            given = contacts.addresses or ",".join(addresses)
            return Passed(self._run(submission, scenario, given, self._scratch()), given)

    def _run_behind(self, relay: Relay, submission: Submission, scenario: Scenario) -> "Passed":
        doors = (DEFAULT_ADDRESS,) if needs_default_address(submission, scenario) else ()
        passage = relay.admit(
            self.broker.upstreams,
            fault=scenario.fault if isinstance(scenario.fault, Stall | FirstContactDies) else None,
            source=f"127.0.1.{self._number}",
            extra_doors=doors,
        )
        scratch = self._scratch()
        try:
            with Contacts(scenario.contacts, passage) as contacts, self._fault(scenario, scratch) as ordeal:
                given = contacts.addresses or ",".join(relay.addresses)
                run = self._run(submission, scenario, given, scratch)
        finally:
            traffic, sources = passage.pens_down(PENS_DOWN_LIMIT_S)
        if ordeal.reached is not None:
            traffic = replace(traffic, fault_reached=ordeal.reached)
        return Passed(run, given, traffic, frozenset(sources), ordeal.moments)

    def _fault(self, scenario: Scenario, scratch: Path) -> AbstractContextManager[faults.Ordeal]:
        if self._site.replication is None:
            return nullcontext(faults.Ordeal())
        sandbox = self._workshop.sandbox
        return faults.around(
            scenario,
            self._site.replication,
            self._topics,
            peek=lambda: sandbox.peek(scratch, scenario.collect),
        )

    def _scratch(self) -> Path:
        return self._workshop.folder / f"run-{self._number}-{next(self._runs)}"

    def _run(self, submission: Submission, scenario: Scenario, address: str, scratch: Path) -> Run:
        if scenario.program is None and PROGRAM not in submission.files:
            return _nothing_to_run(submission.ignored, scenario)
        limited = replace(scenario, wall_limit_s=scenario.wall_limit_s * self._pace)
        sandbox = self._workshop.sandbox
        with Vigil(self.broker, lambda: sandbox.give_up(scratch)):
            return sandbox.run(submission, limited, bootstrap_servers=address, scratch=scratch)

    def close(self) -> None:
        """End clients, relay and broker; what fails in it never raises over a result."""
        self._topics.close()
        self._site.close()


@dataclass(frozen=True)
class Passed:
    """A run, and what was seen of it on its way to the brokers."""

    run: Run
    bootstrap_servers: str
    traffic: Traffic | None = None
    sources: frozenset[str] = frozenset()
    moments: tuple[Moment, ...] = ()


class Vigil:
    """Looks after the broker during a run: without it the program would wait for nothing up to its limit.

    On leaving, the broker's loss is raised in place of whatever became of the run.

    Args:
        broker: One of the kit's own; to look at anybody else's costs connections there.
        give_up: Ends the run.
    """

    def __init__(self, broker: Broker, give_up: Callable[[], None]) -> None:
        self._broker = broker
        self._give_up = give_up
        self._over = threading.Event()
        self._loss: GraderError | None = None
        self._thread = threading.Thread(target=self._look, name="vigil", daemon=True)

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            try:
                self._broker.check_alive()
            except GraderError as loss:
                self._loss = loss
                self._give_up()
                return

    def __enter__(self) -> Self:
        if self._broker.kind in OWN_KINDS:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._loss is not None:
            raise self._loss


class Contacts:
    """The addresses of a scenario's `contacts`, for one run.

    A broker's is a door of the run's own, apart from what the broker advertises. At a dead one a socket is
    bound that does not listen: connections are refused, and nobody else can come to listen there.
    """

    def __init__(self, contacts: Sequence[int | None], passage: Passage | None = None) -> None:
        self._dead: list[socket.socket] = []
        self._addresses = [self._address(contact, passage) for contact in contacts]

    def _address(self, contact: int | None, passage: Passage | None) -> str:
        if contact is None or passage is None:
            reserved = socket.socket()
            reserved.bind((HOST, 0))
            self._dead.append(reserved)
            return address_of(reserved)
        door = listen(socket.AF_INET, HOST)
        address = address_of(door)
        passage.open_door(door, upstream=contact - 1)
        return address

    @property
    def addresses(self) -> str:
        """The list as a program is given it; empty where the scenario states no contacts."""
        return ",".join(self._addresses)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for reserved in self._dead:
            reserved.close()


def pace(opening_s: float, brokers: int) -> float:
    """Return by how much limits are stretched on this machine, from the time that a site took to open."""
    return min(MOST_PACE, max(1.0, opening_s / (USUAL_OPENING_S * brokers)))


def needs_default_address(submission: Submission, scenario: Scenario) -> bool:
    """Whether what is run under a scenario may dial `localhost:9092`, which has one owner at a time."""
    return scenario.program is None and dials_default_address(submission)


def _nothing_to_run(ignored: Mapping[str, str], scenario: Scenario) -> Run:
    reason = ignored.get(PROGRAM, "is missing")
    return Run(
        exit=Exit("not_started"),
        stdout=b"",
        stderr=f"{PROGRAM} {reason}".encode(),
        duration_s=0.0,
        wall_limit_s=scenario.wall_limit_s,
    )
