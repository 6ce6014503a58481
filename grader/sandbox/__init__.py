"""Run one program under stated limits. One port, a tier behind it for each kind of isolation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from grader.model import Run, Scenario, Submission


class Sandbox(Protocol):
    """Where programs run.

    Attributes:
        tier: What it isolates, as the report says it: `basic`, `container` or `full`.
    """

    tier: str

    def run(
        self, submission: Submission, scenario: Scenario, *, bootstrap_servers: str, scratch: Path
    ) -> Run:
        """Run `producer.py` once, to its end or to the first limit that it reaches.

        May be called from several threads at once. When it returns or raises, nothing of the
        program runs any more and `scratch` is gone.

        Args:
            bootstrap_servers: What the program reads from `KAFKA_BOOTSTRAP_SERVERS`.
            scratch: A folder for this run alone; made if absent, removed in any case.

        Raises:
            SandboxError: The program could not be run as stated, or the run was given up.
        """
        ...

    def peek(self, scratch: Path, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return files of a run that is under way, as they are now; nothing once it has ended."""
        ...

    def give_up(self, scratch: Path) -> None:
        """End one run at once, if it is under way; callable from any thread."""
        ...

    def cancel(self) -> None:
        """End every run at once and refuse further ones; callable from any thread."""
        ...
