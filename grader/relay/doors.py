"""The relay's doors: sockets that listen, bound for as long as an address is advertised."""

import contextlib
import errno
import socket
from collections.abc import Callable
from pathlib import Path

from grader.errors import GraderError
from grader.relay.loop import READ, End, Loop

BACKLOG = 512
# A flood at one door may not keep the loop from the connections that are open.
_ACCEPTS_A_TURN = 32
# Both families of `localhost`: which one a client tries first is its own affair.
_LOCALHOST = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_NO_SUCH_FAMILY = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_LISTENING = "0A"

Guest = Callable[["Door", socket.socket], None]


class PortTakenError(GraderError):
    """A port that must be the relay's belongs to another program.

    Attributes:
        port: The port.
        holder: The process that listens there, such as `process 4711 (java)`; empty where unknown.
    """

    def __init__(self, address: str, port: int, holder: str) -> None:
        super().__init__(
            f"Port {port} is needed for {address} and is taken by {holder or 'another program'}.",
            cure="Stop what listens there (the kit's own: `.venv/bin/python -m grader broker stop`), or let "
            "the program read its address from KAFKA_BOOTSTRAP_SERVERS.",
        )
        self.port = port
        self.holder = holder


class Door:
    """One listening socket, and where it leads.

    Attributes:
        number: Its place among the doors of a passage, by which a fault names it.
        name: The address that a program dials, `host:port`.
        upstream: Which broker it leads to.
        lasting: Whether it stays bound when a passage ends.
        guest: Takes the connections; without one they are closed at once, so that none waits in vain.
        on_failure: Told when connections cannot be accepted; the door then accepts no more.
    """

    def __init__(
        self, loop: Loop, listener: socket.socket, *, name: str = "", upstream: int = 0, lasting: bool = False
    ) -> None:
        self.number = -1
        self.name = name or address_of(listener)
        self.upstream = upstream
        self.lasting = lasting
        self.guest: Guest | None = None
        self.on_failure: Callable[[Exception], None] | None = None
        self.end = End(loop, listener, self)
        self._loop = loop
        self._reserved: socket.socket | None = None

    def open(self) -> None:
        """Accept connections, after whatever has been."""
        self.end.expect(READ)

    def ready(self, end: End, events: int) -> None:
        """Accept what waits."""
        del end, events
        self.accept(_ACCEPTS_A_TURN)

    def accept(self, at_most: int = BACKLOG) -> None:
        """Accept up to so many connections that wait already."""
        for _ in range(0 if self.end.closed else at_most):
            try:
                arrival, _ = self.end.sock.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as failure:
                self.fail(failure)
                return
            self._welcome(arrival)

    def _welcome(self, arrival: socket.socket) -> None:
        if self.guest is None:
            arrival.close()
        else:
            self.guest(self, arrival)

    def fail(self, failure: Exception) -> None:
        """Accept no more: there are no descriptors left, say."""
        self.end.expect(0)
        if self.on_failure is not None:
            self.on_failure(failure)

    def refuse(self) -> None:
        """Refuse connections, as a dead broker's port does, and keep the address: bound, not listening."""
        if self.end.closed:
            return
        family, address = socket.AddressFamily(self.end.sock.family), self.end.sock.getsockname()
        self.end.close()
        self._reserved = _bind(family, *address[:2])

    def open_again(self) -> None:
        """Accept connections where they were refused."""
        if self._reserved is None:
            return
        reserved, self._reserved = self._reserved, None
        reserved.listen(BACKLOG)
        self.end = End(self._loop, reserved, self)
        self.open()

    def shut(self) -> None:
        """Let in nobody any more: connections are refused, at a lasting door closed at once."""
        self.guest = self.on_failure = None
        if not self.lasting:
            self.close()

    def close(self) -> None:
        """Give the address up."""
        self.end.close()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None


def listen(family: socket.AddressFamily, host: str, port: int = 0) -> socket.socket:
    """Bind a listening socket; port 0 is any free one."""
    listener = _bind(family, host, port)
    try:
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def _bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Connections made here before, alive or in TIME_WAIT, keep the port from sockets without this.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound


def claim(address: str) -> list[socket.socket]:
    """Bind `host:port`, in both families where the host is `localhost`.

    Raises:
        PortTakenError: Another program listens there.
    """
    host, _, number = address.rpartition(":")
    port = int(number)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    claimed: list[socket.socket] = []
    for each in _LOCALHOST if host == "localhost" else ((family, host.strip("[]")),):
        try:
            claimed.append(listen(*each, port))
        except OSError as failure:
            if claimed and failure.errno in _NO_SUCH_FAMILY:
                continue
            for listener in claimed:
                listener.close()
            if failure.errno == errno.EADDRINUSE:
                raise PortTakenError(address, port, holder_of(port)) from failure
            raise
    return claimed


def holder_of(port: int) -> str:
    """Name the process that listens at a port, where /proc shows it."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        # Processes come and go, and those of other users do not show their descriptors.
        with contextlib.suppress(OSError):
            if str(link.readlink()) in inodes:
                process = link.parents[1]
                return f"process {process.name} ({(process / 'comm').read_text().strip()})"
    return ""


def address_of(sock: socket.socket) -> str:
    """The socket's own address, written `host:port`."""
    host, port = sock.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
