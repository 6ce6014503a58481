"""What passes in one passage is counted here, and held to the caps."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from grader.model import Traffic

# The openings kept of connections that are not Kafka's: enough to say what they were.
_OPENINGS = 16

# The last is no cap: nothing answered where the broker of the connection should be.
Refusal = Literal["connections", "connections_total", "bytes_in", "frame_bytes", "broker_unreachable"]


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one program may do through the relay; beyond it connections are closed.

    Attributes:
        connections: Open at once; clients here open two for each broker.
        connections_total: Opened in the whole run.
        bytes_in: Bytes that the program sends.
        frame_bytes: Longest request; Kafka's own limit is `socket.request.max.bytes`, 100 MB.
    """

    connections: int = 64
    connections_total: int = 2_000
    bytes_in: int = 512 * 1024**2
    frame_bytes: int = 100 * 1024**2


# For connections of our own, such as the brokers' among themselves.
UNCAPPED = Caps(connections=1_000, connections_total=10**12, bytes_in=10**18, frame_bytes=2**31 - 1)


class Tally:
    """The counts of one passage.

    Attributes:
        sources: `host:port` of the relay's own connections to the brokers.
    """

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.sources: set[str] = set()
        self._doors: Counter[str] = Counter()
        self._requests: Counter[int] = Counter()
        self._bytes_in = 0
        self._openings: list[str] = []
        self._refused: Counter[str] = Counter()

    def accepts(self, door: str, open_now: int) -> bool:
        """Count a connection, unless a cap refuses it."""
        if self._doors.total() >= self.caps.connections_total:
            self.refuse("connections_total")
        elif open_now >= self.caps.connections:
            self.refuse("connections")
        else:
            self._doors[door] += 1
            return True
        return False

    def takes(self, size_bytes: int) -> bool:
        """Count bytes of the program, unless they are more than the cap leaves."""
        if self._bytes_in + size_bytes > self.caps.bytes_in:
            self.refuse("bytes_in")
            return False
        self._bytes_in += size_bytes
        return True

    def refuse(self, name: Refusal) -> None:
        """Count a connection that was refused or ended."""
        self._refused[name] += 1

    def request(self, api_key: int) -> None:
        """Count a request that passes to the broker."""
        self._requests[api_key] += 1

    def not_kafka(self, opening: str) -> None:
        """Keep the opening of a connection that does not speak Kafka's protocol."""
        if len(self._openings) < _OPENINGS:
            self._openings.append(opening)

    def traffic(
        self,
        stall: Literal["released", "dropped", "unreached"] | None,
        *,
        reached: bool | None,
        unfinished: int,
    ) -> Traffic:
        """Freeze what was counted."""
        return Traffic(
            connections=self._doors.total(),
            doors=dict(self._doors),
            requests=dict(self._requests),
            bytes_in=self._bytes_in,
            not_kafka=tuple(self._openings),
            refused=dict(self._refused),
            stall=stall,
            fault_reached=reached,
            unfinished=unfinished,
        )
