"""The broker that `broker start` keeps warm for gradings: used by one at a time, and left running."""

import contextlib
from pathlib import Path
from typing import Self

from grader.broker import warm
from grader.broker.local import LocalBroker
from grader.broker.node import HOST, Node
from grader.errors import BrokerError


class SpareBroker(LocalBroker):
    """A local broker that is borrowed: whoever stops it gives it back.

    Attributes:
        advertised_port: Where a relay has to stand in front of it.
    """

    def __init__(self, state: warm.State, lent: contextlib.ExitStack) -> None:
        self._state, self._lent = state, lent
        self._node = Node(Path(state.folder), {})
        self.upstreams = ((HOST, state.student_port),)
        self.servers = state.servers
        self.advertised_port = state.advertised_port

    @classmethod
    def borrowed(cls) -> Self | None:
        """Borrow it; None unless it lives, is as it would be started now, and nobody else grades on it."""
        if not warm.home().exists():
            return None
        with contextlib.ExitStack() as lent:
            try:
                lent.enter_context(warm.held(warm.SPARE, wait=False))
            except OSError:
                return None
            state = warm.status(warm.SPARE)
            if state is None or state.kind != warm.kind():
                return None
            return cls(state, lent.pop_all())
        return None

    @property
    def pid(self) -> int:
        """Process id of the node."""
        return self._state.pid

    def check_alive(self) -> None:
        """Raise `BrokerError` with the last lines when it no longer answers."""
        if not self._state.is_alive():
            raise BrokerError(
                "The Kafka broker that `broker start` had started has ended.",
                cure="Grade again: without it, a grading starts its own.",
                detail=self._node.last_lines(),
            )

    def stop(self) -> None:
        """Give it back."""
        self._lent.close()
