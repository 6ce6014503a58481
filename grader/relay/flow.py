"""One direction of a connection: bytes that were read, and the other side's appetite."""

from collections import deque
from dataclasses import dataclass

from grader.relay.faults import Decision, FaultAtWork
from grader.relay.frames import Frames
from grader.relay.loop import READ, WRITE, Timer

# So much is read behind a held frame, to see whether its sender hangs up: three times what
# kafka-python keeps under way at most by default (5 requests of 1 MB). Beyond it the sender waits,
# and its end is seen at pens down.
HELD_BYTES = 16 * 1024**2


@dataclass(slots=True)
class Held:
    """Bytes that wait behind a decision."""

    fault: FaultAtWork
    decision: Decision
    chunks: list[bytes]
    size: int
    timer: Timer | None

    def cancel(self) -> None:
        """Wait no longer."""
        if self.timer is not None:
            self.timer.cancel()


class Flow:
    """One direction: what was read and not yet taken by the other side.

    Attributes:
        pending: Bytes that may pass and wait for the other side to take them.
        ended: The source has given its last byte.
        deaf: The other side takes nothing more; what comes for it is thrown away.
        last: How many bytes may still pass before the door shuts; None where it does not.
        pardoned: The next frame was held already and passes unasked.
    """

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.pending: deque[memoryview] = deque()
        self.held: Held | None = None
        self.ended = False
        self.deaf = False
        self.last: int | None = None
        self.pardoned = False

    @property
    def hungry(self) -> bool:
        """Whether more should be read."""
        full = self.held is not None and self.held.size >= HELD_BYTES
        return not (self.ended or self.pending or full)

    @property
    def reading(self) -> int:
        """What its source is to be awaited for."""
        return READ if self.hungry else 0

    @property
    def writing(self) -> int:
        """What its sink is to be awaited for."""
        return WRITE if self.pending else 0

    @property
    def finished(self) -> bool:
        """Whether everything has been read and handed on."""
        return self.ended and not self.pending and self.held is None

    def close_sink(self) -> None:
        """Throw away what waits and what may come."""
        self.deaf = True
        self.pending.clear()
