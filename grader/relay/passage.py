"""One run's way through the relay: from its admission to pens down."""

import contextlib
import errno
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from grader.errors import GraderError
from grader.model import Traffic
from grader.relay.absence import Absence
from grader.relay.connection import Connection
from grader.relay.doors import Door
from grader.relay.faults import FaultAtWork, RunFault, Stalling, at_work
from grader.relay.loop import Loop
from grader.relay.tally import Caps, Tally

Account = tuple[Traffic, frozenset[str]]

# Beyond pens-down's own limit, which the loop keeps: reached only if the loop itself is dead.
_ANSWER_S = 5.0
_UNDER_WAY = {0, errno.EINPROGRESS, errno.EWOULDBLOCK}


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a door leads: a broker's address, looked up once.

    Attributes:
        source: The address to dial from, where the machine has it.
    """

    family: socket.AddressFamily
    address: tuple[str, int]
    source: str | None

    @classmethod
    def find(cls, host: str, port: int, source: str | None) -> "Upstream":
        """Look a broker's address up.

        Raises:
            GraderError: There is no such host.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as failure:
            raise GraderError(f"The broker's address {host}:{port} cannot be looked up.") from failure
        # A broker of `localhost` listens on the old family's address, whichever is named first.
        family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
        literal = str(address[0])
        # From an address of the loopback net nothing beyond it can be reached.
        return cls(family, (literal, port), source if literal.startswith("127.") else None)

    def dial(self) -> socket.socket:
        """Begin to connect, without waiting.

        Raises:
            ConnectionError: It is refused already.
        """
        sock = socket.socket(self.family, socket.SOCK_STREAM)
        sock.setblocking(False)
        if self.source is not None:
            # macOS has 127.0.0.1 alone; a run is then told apart by its ports.
            with contextlib.suppress(OSError):
                sock.bind((self.source, 0))
        error = sock.connect_ex(self.address)
        if error in _UNDER_WAY:
            return sock
        sock.close()
        raise ConnectionRefusedError(error, "the broker does not answer")


class Passage:
    """What one program may do through the relay, what is done to it, and what was seen of it.

    Attributes:
        reached: Set once the trigger of the present fault has come.
    """

    def __init__(self, loop: Loop, upstreams: Sequence[Upstream], *, fault: FaultAtWork, caps: Caps) -> None:
        self.reached = threading.Event()
        self.loop = loop
        self.fault = self._last_fault = fault
        self.tally = Tally(caps)
        self._upstreams = upstreams
        self._doors: list[Door] = []
        self._connections: set[Connection] = set()
        self._absences: dict[int, Absence] = {}
        self._result: Future[Account] = Future()
        self._failure: Exception | None = None
        self._draining = False
        self._unfinished = 0

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of its doors, in the order of their numbers."""
        return tuple(door.name for door in self._doors)

    @property
    def ended(self) -> bool:
        """Whether nothing of it is left."""
        return self._result.done()

    def open_door(self, listener: socket.socket, *, upstream: int = 0, name: str = "") -> None:
        """Accept connections at one more listening socket until pens down.

        Args:
            listener: Bound and listening, in whatever network namespace; closed with the passage.
            upstream: Which of the passage's brokers it leads to.
            name: The address that a program dials there; the socket's own unless given.
        """
        self.loop.call(lambda: self.join(Door(self.loop, listener, name=name, upstream=upstream)))

    def inflict(self, fault: RunFault | FaultAtWork | None) -> None:
        """Put another fault to work from now on, and let go what the last one holds."""
        successor = at_work(fault)
        self.loop.call(lambda: self._replace_fault(successor))

    def release(self) -> None:
        """Lift the fault: what it holds passes, and everything after."""
        self.inflict(None)

    def pens_down(self, limit_s: float) -> Account:
        """End the run's way: nothing reaches a broker once this has returned.

        No connection is accepted any more. What the ended program had sent is read to its end and
        handed on, except what a fault holds; then each broker is told that no more comes, and is
        awaited until it has answered, and so logged, every request. A connection of a program that
        is still alive is cut.

        Args:
            limit_s: A broker that has not finished by then is cut off (`Traffic.unfinished`).

        Returns:
            What was seen, and the `host:port` from which the brokers were dialled.

        Raises:
            GraderError: Something of the relay's failed during the run.
        """
        if not self.ended:
            self.loop.call(lambda: self.loop.after(0, lambda: self._begin_drain(limit_s), self._give_up))
        try:
            account = self._result.result(timeout=limit_s + _ANSWER_S)
        except TimeoutError as failure:
            raise GraderError(f"The relay did not come to an end within {limit_s:g} s.") from failure
        if self._failure is not None:
            detail = f"{type(self._failure).__name__}: {self._failure}"
            raise GraderError("The relay failed during the run.", detail=detail) from self._failure
        return account

    def join(self, door: Door) -> None:
        """Take a door in until the end. In the loop's thread only."""
        if self._draining:
            door.close()
            raise GraderError("A door was opened after pens down.")
        door.number = len(self._doors)
        self._doors.append(door)
        door.guest, door.on_failure = self._accept, self.failed
        door.open()

    def cut(self) -> None:
        """End at once, whatever is under way. In the loop's thread only."""
        self._draining = True
        self._unfinished = len(self._connections)
        for connection in tuple(self._connections):
            connection.close(reset=True)
        self._finish()

    def dial(self, door: Door) -> socket.socket:
        """Begin to connect to the broker behind a door."""
        return self._upstreams[door.upstream].dial()

    def trigger_came(self) -> None:
        """Tell whoever waits for it."""
        self.reached.set()

    def shut(self, door: Door) -> None:
        """Let a door die with its connections, for the rest of the passage."""
        door.shut()
        for connection in tuple(self._connections):
            if connection.door is door:
                connection.hang_up()

    def unreachable(self, door: Door) -> None:
        """Refuse connections at all doors of a broker that does not answer, until it does."""
        number = door.upstream
        if self._draining or number in self._absences:
            return
        self._absences[number] = Absence(
            self.loop,
            self._upstreams[number].dial,
            [each for each in self._doors if each.upstream == number],
            on_end=lambda: self._absences.pop(number),
            on_failure=self.failed,
        )

    def left(self, connection: Connection) -> None:
        """Forget a connection that is over."""
        self._connections.discard(connection)
        if self._draining and not self._connections:
            self._finish()

    def failed(self, failure: Exception) -> None:
        """Keep the first failure of ours for pens down."""
        self._failure = self._failure or failure

    def _give_up(self, failure: Exception) -> None:
        self.failed(failure)
        self.cut()

    def _accept(self, door: Door, client: socket.socket) -> None:
        if not self.tally.accepts(door.name, len(self._connections)):
            client.close()
            return
        self._connections.add(Connection(self, door, client))

    def _replace_fault(self, successor: FaultAtWork) -> None:
        self.fault = successor
        if successor.reached is not None:
            self._last_fault = successor
            self.reached.clear()
        for connection in tuple(self._connections):
            connection.lift()

    def _begin_drain(self, limit_s: float) -> None:
        if self._draining:
            return
        self._end_absences()
        for door in self._doors:
            # Who knocked in time is let in; a program that still knocks is not waited for.
            door.accept()
            door.shut()
        self._draining = True
        self.loop.after(limit_s, self.cut, self.failed)
        for connection in tuple(self._connections):
            connection.drain()
        if not self._connections:
            self._finish()

    def _end_absences(self) -> None:
        for absence in self._absences.values():
            absence.end()
        self._absences.clear()

    def _finish(self) -> None:
        if self.ended:
            return
        self._end_absences()
        for door in self._doors:
            door.shut()
        fault = self._last_fault
        stall = fault.outcome if isinstance(fault, Stalling) else None
        traffic = self.tally.traffic(stall, reached=fault.reached, unfinished=self._unfinished)
        self._result.set_result((traffic, frozenset(self.tally.sources)))
