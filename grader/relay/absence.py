"""A broker that is gone, seen from its doors: connections are refused there until it is back.

A relay that accepted and closed them would be something that no dead broker is. Clients wait longer
and longer between connections that are refused, and not at all between those that were made and lost:
kafka-python 3.0.12 opened a thousand a second, until the cap on connections shut it out for good.
"""

import socket
from collections.abc import Callable, Sequence

from grader.relay.doors import Door
from grader.relay.loop import WRITE, End, Loop, OnFailure

# Soon enough that a client's own wait, tenths of a second, hides it.
POLL_S = 0.05


class Absence:
    """Keeps the doors of one broker shut while it does not answer, and opens them when it does.

    Args:
        dial: Begins to connect to the broker; raises ConnectionError where it is refused at once.
        doors: Those that lead to it.
        on_end: Called when they are open again.
        on_failure: Told when a door cannot be opened again.
    """

    def __init__(
        self,
        loop: Loop,
        dial: Callable[[], socket.socket],
        doors: Sequence[Door],
        *,
        on_end: Callable[[], object],
        on_failure: OnFailure,
    ) -> None:
        self._loop = loop
        self._dial = dial
        self._doors = doors
        self._on_end = on_end
        self._on_failure = on_failure
        self._knock: End | None = None
        self._timer = loop.after(POLL_S, self._look, on_failure)
        for door in doors:
            door.refuse()

    def end(self) -> None:
        """Open the doors, whatever the broker does; a second time does nothing."""
        self._timer.cancel()
        self._leave()
        for door in self._doors:
            door.open_again()

    def ready(self, end: End, events: int) -> None:
        """See whether it answered."""
        del events
        if end.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._leave()
            self._look_later()
        else:
            self.end()
            self._on_end()

    def fail(self, failure: Exception) -> None:
        """Leave the doors as they are, and say so."""
        self._leave()
        self._on_failure(failure)

    def _look(self) -> None:
        try:
            sock = self._dial()
        except ConnectionError:
            self._look_later()
            return
        self._knock = End(self._loop, sock, self)
        self._knock.expect(WRITE)

    def _look_later(self) -> None:
        self._timer = self._loop.after(POLL_S, self._look, self._on_failure)

    def _leave(self) -> None:
        if self._knock is not None:
            self._knock.close()
            self._knock = None
