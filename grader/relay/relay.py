"""The relay: doors that stand open to one run at a time."""

import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from grader.errors import GraderError
from grader.relay.doors import Door, claim, listen
from grader.relay.faults import FaultAtWork, RunFault, at_work
from grader.relay.loop import Loop
from grader.relay.passage import Passage, Upstream
from grader.relay.tally import Caps

_STANDARD_CAPS = Caps()


class Relay:
    """Stands in front of brokers; one thread, whatever the number of connections.

    Its doors are bound from the first moment, so that brokers can advertise them; between passages
    a connection is accepted and closed at once.

    Args:
        listeners: Sockets that are bound and listen, in whatever network namespace; closed with the relay.

    Attributes:
        addresses: What to dial, `host:port` a door.
    """

    def __init__(self, listeners: Sequence[socket.socket]) -> None:
        self._loop = Loop("relay")
        numbered = enumerate(listeners)
        self._doors = [Door(self._loop, each, upstream=number, lasting=True) for number, each in numbered]
        self._passage: Passage | None = None
        self.addresses = tuple(door.name for door in self._doors)
        self._loop.call(self._open_doors)

    @classmethod
    def listen(cls, doors: int = 1) -> Self:
        """Bind so many free ports of 127.0.0.1, all at once."""
        listeners: list[socket.socket] = []
        try:
            listeners.extend(listen(socket.AF_INET, "127.0.0.1") for _ in range(doors))
        except OSError as failure:
            for listener in listeners:
                listener.close()
            raise GraderError("No free port of 127.0.0.1 could be bound.", detail=str(failure)) from failure
        return cls(listeners)

    def admit(
        self,
        upstreams: Sequence[tuple[str, int]],
        *,
        fault: RunFault | FaultAtWork | None = None,
        source: str | None = None,
        extra_doors: Sequence[str] = (),
        caps: Caps = _STANDARD_CAPS,
    ) -> Passage:
        """Open the doors to one run.

        Args:
            upstreams: The brokers, `(host, port)` for each door, in the order of `addresses`.
            fault: What goes wrong on purpose.
            source: The address to dial the brokers from, such as `127.0.1.7`: a run's own.
            extra_doors: Addresses bound for this passage only, leading to the first broker; the
                host `localhost` stands for both families, port 0 for any free one. When such a
                door shuts, connections are refused; at the relay's own they are closed at once.
            caps: What one program may do.

        Raises:
            PortTakenError: Another program listens at one of the extra doors.
            GraderError: The last passage has not ended, or a broker's host is unknown.
        """
        if self._passage is not None and not self._passage.ended:
            raise GraderError("A run was admitted before the pens of the last were down.")
        if len(upstreams) < len(self._doors):
            raise GraderError(
                f"The relay has {len(self._doors)} doors and was given {len(upstreams)} brokers."
            )
        ways = [Upstream.find(host, port, source) for host, port in upstreams]
        extras = _claim_all(extra_doors)
        passage = Passage(self._loop, ways, fault=at_work(fault), caps=caps)
        self._loop.call(lambda: self._join(passage, extras))
        self._passage = passage
        return passage

    def close(self) -> None:
        """End everything at once; a second time does nothing."""
        if self._loop.over:
            return
        try:
            self._loop.call(self._end)
        finally:
            self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_doors(self) -> None:
        for door in self._doors:
            door.open()

    def _join(self, passage: Passage, extras: Sequence[tuple[str, socket.socket]]) -> None:
        for door in self._doors:
            passage.join(door)
        for name, listener in extras:
            passage.join(Door(self._loop, listener, name=name))

    def _end(self) -> None:
        if self._passage is not None:
            self._passage.cut()
        for door in self._doors:
            door.close()


def _claim_all(addresses: Sequence[str]) -> list[tuple[str, socket.socket]]:
    claimed: list[tuple[str, socket.socket]] = []
    try:
        for address in addresses:
            name = "" if address.endswith(":0") else address
            claimed.extend((name, listener) for listener in claim(address))
    except BaseException:
        for _, listener in claimed:
            listener.close()
        raise
    return claimed
