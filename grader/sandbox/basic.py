"""The simplest tier: a clean environment, a folder of its own and limits; nothing is out of reach.

It holds on every platform, and it is for practice: a program can read what its user can read, connect
anywhere, and a descendant that leaves the session with an emptied environment is not found.
"""

import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from grader.errors import SandboxError
from grader.model import Exit, Run, Scenario, Submission
from grader.sandbox.execution import Ending, Execution
from grader.sandbox.scratch import PROGRAM, Scratch

# The last line of a traceback of MemoryError, or of a child of it such as NumPy's.
MEMORY_ERROR = re.compile(rb"([\w.]+\.)?\w*MemoryError(:.*)?")
OOM_KILLS = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
FIXED_VARIABLES = {
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    # Each line is out when it is printed, as at a terminal: none is lost when the program is ended.
    "PYTHONUNBUFFERED": "1",
    # A crash, and the end by the wall limit, leave the student's own line on stderr.
    "PYTHONFAULTHANDLER": "1",
}


class Groups(Protocol):
    """Who is told of process groups, to kill them if the grader dies: the reaper."""

    def watch_group(self, group: int) -> None:
        """Have a group killed if the grader dies."""

    def forget_group(self, group: int) -> None:
        """Forget a group."""


class BasicSandbox:
    """Runs programs under limits, on the bare machine.

    Args:
        environment: Variables that every program gets besides its own, the reaper's mark among them.
        groups: Needed only where the reaper cannot read the environment of other processes.
    """

    tier: str = "basic"

    def __init__(self, environment: Mapping[str, str], *, groups: Groups | None = None) -> None:
        self._environment = dict(environment)
        self._groups = groups
        self._lock = threading.Lock()
        self._running: dict[Path, Execution] = {}
        self._places: dict[Path, Scratch] = {}
        self._cancelled = False

    def run(
        self, submission: Submission, scenario: Scenario, *, bootstrap_servers: str, scratch: Path
    ) -> Run:
        """Run a program once; see `Sandbox.run`."""
        with Scratch(scratch) as place:
            place.fill(submission, scenario)
            kills = _oom_kills()
            program = Execution(
                (sys.executable, PROGRAM, *scenario.args),
                folder=place.work,
                environment=self._variables(place, bootstrap_servers),
            )
            with program as execution, self._listed(scratch, execution), self._open_to_peeks(scratch, place):
                ending = execution.wait(scenario.wall_limit_s)
            if ending.cause == "cancelled":
                raise _cancelled()
            return Run(
                exit=_exit(ending, kernel_killed=_oom_kills() > kills),
                stdout=ending.stdout.text(),
                stderr=ending.stderr.text(),
                duration_s=ending.duration_s,
                wall_limit_s=scenario.wall_limit_s,
                stdout_bytes=ending.stdout.total,
                stderr_bytes=ending.stderr.total,
                files=place.collect(scenario.collect),
                isolation=self.tier,
            )

    def peek(self, scratch: Path, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return files of a run that is under way; see `Sandbox.peek`."""
        with self._lock:
            place = self._places.get(scratch)
            return {} if place is None else place.collect(names)

    @contextlib.contextmanager
    def _open_to_peeks(self, scratch: Path, place: Scratch) -> Iterator[None]:
        with self._lock:
            self._places[scratch] = place
        try:
            yield
        finally:
            with self._lock:
                del self._places[scratch]

    def give_up(self, scratch: Path) -> None:
        """End one run at once, if it is under way."""
        with self._lock:
            if scratch in self._running:
                self._running[scratch].cancel()

    def cancel(self) -> None:
        """End every run at once and refuse further ones."""
        with self._lock:
            self._cancelled = True
            for execution in self._running.values():
                execution.cancel()

    @contextlib.contextmanager
    def _listed(self, scratch: Path, execution: Execution) -> Iterator[None]:
        with self._lock:
            if self._cancelled:
                raise _cancelled()
            self._running[scratch] = execution
        if self._groups:
            self._groups.watch_group(execution.group)
        try:
            yield
        finally:
            with self._lock:
                del self._running[scratch]
            if self._groups:
                self._groups.forget_group(execution.group)

    def _variables(self, place: Scratch, bootstrap_servers: str) -> Mapping[str, str]:
        return {
            **self._environment,
            **FIXED_VARIABLES,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{SYSTEM_PATH}",
            "HOME": str(place.work),
            "TMPDIR": str(place.temporary),
            "KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers,
        }


def _exit(ending: Ending, *, kernel_killed: bool) -> Exit:
    if ending.cause == "wall_limit":
        return Exit("timed_out")
    if ending.cause == "output_limit":
        return Exit("output_limit")
    if ending.code < 0:
        killed = -ending.code == signal.SIGKILL and kernel_killed
        return Exit("out_of_memory" if killed else "signalled", signal=_signal_name(-ending.code))
    if ending.code == 1 and _ends_in_memory_error(ending.stderr.text()):
        return Exit("out_of_memory", code=1)
    return Exit("exited", code=ending.code)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"  # the real-time signals between the first and the last have no name


def _ends_in_memory_error(stderr: bytes) -> bool:
    last_line = stderr.rstrip().rpartition(b"\n")[2]
    return b"Traceback (most recent call last)" in stderr and bool(MEMORY_ERROR.fullmatch(last_line))


def _oom_kills() -> int:
    """Return how many processes the kernel has killed for want of memory; 0 where it does not tell."""
    try:
        found = OOM_KILLS.search(Path("/proc/vmstat").read_text(encoding="ascii"))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _cancelled() -> SandboxError:
    return SandboxError("The run was cut short: the grading ends, or its broker has ended.")
