"""What goes wrong on purpose, decided frame by frame: at a stated request, never at a stated second.

To add a fault: a frozen dataclass in `grader.model`, a class here that answers `on_request` and
`on_response`, and a line in `at_work`.
"""

import math
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from grader.model import FirstContactDies, Stall
from grader.relay.frames import FETCH, METADATA, PRODUCE, Head

HoldEnd = Literal["released", "dropped"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a frame.

    Attributes:
        hold_s: It is held so long, and what follows on its connection waits behind it; infinite until
            the fault is lifted.
        drops: Whether the held bytes are dropped if their sender hangs up meanwhile.
        then_shut: Once it has passed, its door shuts for good with all its connections.
    """

    hold_s: float = 0.0
    drops: bool = False
    then_shut: bool = False


PASS = Decision()


@runtime_checkable
class FaultAtWork(Protocol):
    """A fault during one passage; called in the relay's own thread only.

    Attributes:
        reached: Whether its trigger has come; None where there is nothing to be reached.
    """

    reached: bool | None

    def on_request(self, door: int, head: Head) -> Decision:
        """Decide about a request that came through a door."""
        ...

    def on_response(self, door: int, question: Head, size_bytes: int) -> Decision:
        """Decide about an answer of this size, given the head of the request that it answers."""
        ...

    def on_hold_end(self, end: HoldEnd) -> None:
        """Learn what became of a frame that was held."""
        ...


class NoFault:
    """Everything passes."""

    def __init__(self) -> None:
        self.reached: bool | None = None

    def on_request(self, door: int, head: Head) -> Decision:
        """Let it pass."""
        del door, head
        return PASS

    def on_response(self, door: int, question: Head, size_bytes: int) -> Decision:
        """Let it pass."""
        del door, question, size_bytes
        return PASS

    def on_hold_end(self, end: HoldEnd) -> None:
        """Nothing is held here."""


class Stalling(NoFault):
    """The run's first Produce is held, once.

    A client that ends its side of the connection meanwhile has hung up, and the held bytes are
    dropped. The relay cannot tell a full close from a half-close (both are one FIN), and need not:
    kafka-python, confluent-kafka and aiokafka close fully, none half-closes to wait for an answer.

    Attributes:
        outcome: What became of it, as `Traffic.stall` says it.
    """

    def __init__(self, fault: Stall) -> None:
        self.reached = False
        self._hold = Decision(hold_s=fault.hold_s, drops=True)
        self.outcome: Literal["released", "dropped", "unreached"] = "unreached"

    def on_request(self, door: int, head: Head) -> Decision:
        """Hold the first Produce."""
        del door
        if self.reached or head.api_key != PRODUCE:
            return PASS
        self.reached = True
        return self._hold

    def on_hold_end(self, end: HoldEnd) -> None:
        """Remember it for the traffic."""
        self.outcome = end


class ShuttingDoor(NoFault):
    """A door dies after its first Metadata answer."""

    def __init__(self, fault: FirstContactDies) -> None:
        self.reached = False
        self._door = fault.door

    def on_response(self, door: int, question: Head, size_bytes: int) -> Decision:
        """Pass the first Metadata answer as the last thing that passes there."""
        del size_bytes
        if self.reached or self._door not in {None, door} or question.api_key != METADATA:
            return PASS
        self.reached = True
        return Decision(then_shut=True)


class LateFetches(NoFault):
    """Answers to the Fetch requests of followers wait: a while each, or until the fault is lifted.

    Held without an end they are dropped when the broker that gave them is gone: a dead leader's
    last answer must not reach its follower. A delayed one was on its way already, and arrives.

    Args:
        client_id: The follower's; None for all.
        door: At the relay's door of that number; None for all.
        delay_s: How long each waits.
        after_bytes: So much is passed before the first waits.
    """

    def __init__(
        self,
        client_id: str | None = None,
        *,
        door: int | None = None,
        delay_s: float = math.inf,
        after_bytes: int = 0,
    ) -> None:
        self.reached = False
        self._client_id = client_id
        self._door = door
        self._left_bytes = after_bytes
        self._hold = Decision(hold_s=delay_s, drops=delay_s == math.inf)

    def on_response(self, door: int, question: Head, size_bytes: int) -> Decision:
        """Hold the answers of these fetches."""
        concerned = (
            question.api_key == FETCH
            and self._client_id in {None, question.client_id}
            and self._door in {None, door}
        )
        if not concerned:
            return PASS
        self._left_bytes -= size_bytes
        if self._left_bytes > 0:
            return PASS
        self.reached = True
        return self._hold


# The faults that a program's own way can suffer; what happens to a cluster is `grader.faults`' affair.
RunFault = Stall | FirstContactDies


def at_work(fault: RunFault | FaultAtWork | None) -> FaultAtWork:
    """Put a fault to work, in a state of its own for one passage."""
    match fault:
        case None:
            return NoFault()
        case Stall():
            return Stalling(fault)
        case FirstContactDies():
            return ShuttingDoor(fault)
        case _:
            return fault
