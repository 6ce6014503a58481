"""Lab `bootstrap`: what the address list is for, and which brokers are found through it."""

import random
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError

from grader.labs import Lab
from grader.labs.finding import Finding, Table
from grader.labs.plot import Bar, bars
from grader.labs.spread import Spread, in_turn
from grader.labs.stage import Stage
from grader.model import Topic
from grader.relay import Decision
from grader.relay.faults import PASS, NoFault
from grader.relay.frames import PRODUCE, Head

ROUNDS = 7
RECORDS = 20
DEFAULT_MS: int = KafkaProducer.DEFAULT_CONFIG["bootstrap_timeout_ms"]
# A door of the relay that no broker advertises.
ANY_PORT = "127.0.0.1:0"


class Doors(NoFault):
    """No fault: counts which door Produce came through.

    Attributes:
        produced: Produce requests by the number of the door.
    """

    def __init__(self) -> None:
        super().__init__()
        self.produced: Counter[int] = Counter()

    def on_request(self, door: int, head: Head) -> Decision:
        """Count a Produce, and let it pass."""
        self.produced[door] += head.api_key == PRODUCE
        return PASS


def send(addresses: list[str]) -> float:
    """Connect, send, and return how long the first contact took."""
    started = time.monotonic()
    producer = KafkaProducer(bootstrap_servers=addresses, bootstrap_timeout_ms=2_000)
    ready_after_s = time.monotonic() - started
    for number in range(20):
        producer.send("orders", b"order %d" % number).get(timeout=10)
    producer.close()
    return ready_after_s


def find_brokers(addresses: list[str]) -> list[str]:
    """Ask whichever address answers for all brokers of the cluster."""
    admin = KafkaAdminClient(bootstrap_servers=addresses)
    brokers = admin.describe_cluster()["brokers"]
    admin.close()
    return [f"{broker['host']}:{broker['port']}" for broker in brokers]


@dataclass(frozen=True, slots=True)
class Trial:
    """One use of one list.

    Attributes:
        first_s: Until the first contact, or until it was given up.
        raised: What was raised then; nothing when the records were sent.
        at_given: Produce requests that came to an address of the list.
        at_brokers: Produce requests that came to the addresses that the brokers name.
    """

    first_s: float
    raised: str
    at_given: int
    at_brokers: int


@dataclass(frozen=True, slots=True)
class Contact:
    """What came of one list of addresses, dead ones first."""

    dead: int
    live: int
    trials: tuple[Trial, ...]

    @property
    def listed(self) -> str:
        """The list in words."""
        return " and ".join(
            f"{count} {kind}" for count, kind in ((self.dead, "dead"), (self.live, "live")) if count
        )

    @property
    def first(self) -> Spread:
        """Seconds until the first contact, or until it was given up."""
        return Spread.of([each.first_s for each in self.trials])

    @property
    def longest_s(self) -> float:
        """The longest of them."""
        return max(each.first_s for each in self.trials)

    @property
    def failed(self) -> int:
        """How often it was given up."""
        return sum(bool(each.raised) for each in self.trials)

    @property
    def at_given(self) -> int:
        """Produce requests that came to an address of the list."""
        return sum(each.at_given for each in self.trials)

    @property
    def at_brokers(self) -> int:
        """Produce requests that came to the addresses that the brokers name."""
        return sum(each.at_brokers for each in self.trials)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Attributes:
        given: A live address that no broker advertises.
        found: The brokers that it led to.
        contacts: One live address alone, beside one dead, beside two; and a dead one alone.
    """

    given: str
    found: tuple[str, ...]
    contacts: tuple[Contact, ...]


def measure(stage: Stage, _draw: random.Random) -> Figures:
    """Hand out an address that is none of the brokers' own, with dead ones beside it."""
    stage.make(Topic("orders", 3))
    trials: dict[int, list[Trial]] = {dead: [] for dead in range(3)}
    with closed_ports(2) as dead:
        with stage.watch(more_doors=[ANY_PORT]) as seen:
            given = seen.addresses[-1]
            found = find_brokers([given])
            send([given])  # warm: a broker's first producer id takes longer
        for count in in_turn(tuple(trials), ROUNDS):
            trials[count].append(tried(stage, dead[:count], live=True))
        in_vain = tried(stage, dead[:1], live=False)
    contacts = (Contact(count, 1, tuple(each)) for count, each in trials.items())
    return Figures(given, tuple(found), (*contacts, Contact(1, 0, (in_vain,))))


def tried(stage: Stage, dead: Sequence[str], *, live: bool) -> Trial:
    """Send through one list, and see where Produce came."""
    doors, raised = Doors(), ""
    with stage.watch(fault=doors, more_doors=[ANY_PORT]) as seen:
        started = time.monotonic()
        try:
            first_s = send([*dead, *seen.addresses[-1:]] if live else list(dead))
        except KafkaError as error:
            first_s, raised = time.monotonic() - started, type(error).__name__
    at_given = doors.produced[len(seen.addresses) - 1]
    return Trial(first_s, raised, at_given, doors.produced.total() - at_given)


@contextmanager
def closed_ports(count: int) -> Iterator[list[str]]:
    """Hold addresses at which every connection is refused, and nobody else can listen."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        yield ["127.0.0.1:{1}".format(*each.getsockname()) for each in held]
    finally:
        for each in held:
            each.close()


def sentence(figures: Figures) -> str:
    """Say what the figures say."""
    alone, *with_dead, in_vain = figures.contacts
    there = sum(each.at_brokers for each in figures.contacts)
    sent = there + sum(each.at_given for each in figures.contacts)
    brokers = "1 broker" if len(figures.found) == 1 else f"{len(figures.found)} brokers"
    slowest = max(each.longest_s for each in with_dead) * 1000
    quickest = alone.longest_s * 1000
    cost = (
        f"up to {slowest:.0f} ms with a dead address in the list and up to {quickest:.0f} ms without"
        if slowest > 2 * quickest
        else f"no longer with a dead address in the list ({slowest:.0f} ms) than without ({quickest:.0f} ms)"
    )
    return (
        f"One given address led to {brokers}, and {there} of {sent} Produce requests went to the brokers' "
        f"own addresses; the first contact took {cost}, and a dead address alone ended in "
        f"{in_vain.trials[0].raised or 'nothing'} after {in_vain.longest_s:.1f} s."
    )


def show(figures: Figures) -> Finding:
    """Show the lists and where the records went."""
    rows = tuple(
        (
            each.listed,
            f"{each.first.median * 1000:.0f}",
            f"{each.longest_s * 1000:.0f}",
            f"{each.failed} of {len(each.trials)}",
            f"{each.at_given}",
            f"{each.at_brokers}",
        )
        for each in figures.contacts
    )
    columns = (
        "addresses given",
        "first contact, ms",
        "longest",
        "given up",
        "Produce there",
        "at the brokers' own",
    )
    waits = [
        Bar(each.listed, each.first, f"{each.first.median * 1000:.0f} ms", mark=not each.dead)
        for each in figures.contacts
    ]
    return Finding(
        table=Table(columns, rows),
        plot=bars("Seconds to the first contact", waits),
        sentence=sentence(figures),
        notes=(
            f"The given address was {figures.given}; the brokers advertise {', '.join(figures.found)}.",
            f"Each list with a live address was used {ROUNDS} times, {RECORDS} records each time.",
            "kafka-python draws an address at random, and waits longer after each dead one.",
            f"It gives up after bootstrap_timeout_ms, here 2,000 and by default {DEFAULT_MS:,}.",
        ),
    )


LAB = Lab(
    question="What is the address list for?",
    measure=measure,
    show=show,
    programs=(send, find_brokers),
)
