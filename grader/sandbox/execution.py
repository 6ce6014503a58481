"""One program, from its start to the end of the last process that it left."""

import contextlib
import os
import secrets
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from grader.errors import SandboxError
from grader.reaper.process import bearers, end_marked, halt_group
from grader.sandbox.output import Excerpt

CHILD = Path(__file__).with_name("child.py")
BEGUN = b"begun"
MARK = "KAFKA_KIT_PROGRAM"
OUTPUT_LIMIT_BYTES = 8_000_000
CHUNK_BYTES = 65_536
# The stacks of all threads are written in milliseconds, on a machine that is not busy.
LAST_WORDS_S = 1.0
# From fork to exec, when a process does not bear its mark yet.
SETTLED_S = 0.05
# A killed process that is still there after this is stuck in the kernel.
GONE_LIMIT_S = 10.0

Cause = Literal["ended", "wall_limit", "output_limit", "cancelled"]


@dataclass(frozen=True)
class Ending:
    """How an execution ended.

    Attributes:
        cause: What ended it: the program itself, or which limit.
        code: As `Popen.returncode` has it, negative for a signal.
    """

    cause: Cause
    code: int
    stdout: Excerpt
    stderr: Excerpt
    duration_s: float


class Execution:
    """One run of a program in a session and process group of its own, as a context manager.

    It is started as the context is entered; nothing of it runs any more when the context is left.

    Args:
        command: The interpreter's path, the program, its arguments.
        folder: The program's current folder.
        environment: All of the program's environment but for a mark of the run.
        wrap: A command under which all this runs, for the tiers that have one.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        wrap: Sequence[str] = (),
    ) -> None:
        token = secrets.token_hex(8)
        self._mark = f"{MARK}={token}"
        self._command = command
        self._wrap = wrap
        self._folder = folder
        self._environment = {**environment, MARK: token}
        self._process: subprocess.Popen[bytes] | None = None
        self._waiter: threading.Thread | None = None
        self._stdout = Excerpt()
        self._stderr = Excerpt()
        self._strays: Mapping[int, str] = {}
        self._begun = self._duration_s = 0.0
        self._report = self._notices = self._notify = -1
        self._notifying = threading.Lock()
        self._ended = False

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException as error:
            self.__exit__()
            if isinstance(error, OSError):
                raise _not_started(str(error.strerror)) from error
            raise
        return self

    def _start(self) -> None:
        self._notices, self._notify = os.pipe()
        self._report, reporting = os.pipe()
        parent = 0 if self._wrap else os.getpid()
        launcher = (sys.executable, "-I", "-S", str(CHILD), str(parent), str(reporting))
        self._begun = time.monotonic()
        try:
            self._process = subprocess.Popen(
                [*self._wrap, *launcher, *self._command],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                pass_fds=(reporting,),
            )
        finally:
            os.close(reporting)
        for stream, _ in self._streams():
            os.set_blocking(stream, False)
        self._waiter = threading.Thread(target=self._await_end, name=f"program-{self.group}", daemon=True)
        self._waiter.start()

    def __exit__(self, *_: object) -> None:
        self._end()
        for pipe in (self._process.stdout, self._process.stderr) if self._process else ():
            assert pipe is not None
            pipe.close()
        with self._notifying:
            for descriptor in {self._report, self._notices, self._notify} - {-1}:
                os.close(descriptor)
            self._notify = -1

    @property
    def group(self) -> int:
        """The number of the program's process group and session."""
        assert self._process is not None
        return self._process.pid

    def wait(self, limit_s: float) -> Ending:
        """Take in what the program prints until it ends or reaches a limit; then end all of it.

        Raises:
            SandboxError: The program was never begun.
        """
        cause = self._follow(self._begun + limit_s)
        self._duration_s = time.monotonic() - self._begun
        if cause == "wall_limit":
            self._hear_last_words()
        self._end()
        for stream, excerpt in self._streams():
            while excerpt.total <= OUTPUT_LIMIT_BYTES and (chunk := _read(stream)):
                excerpt.add(chunk)
        if cause == "ended":
            self._check_begun()
            if max(self._stdout.total, self._stderr.total) > OUTPUT_LIMIT_BYTES:
                cause = "output_limit"
        assert self._process is not None
        return Ending(cause, self._process.returncode, self._stdout, self._stderr, self._duration_s)

    def _hear_last_words(self) -> None:
        """Let Python's fault handler write the stack of each thread: where the program hung."""
        halt_group(self.group)
        self._strays = bearers(self._mark, self.group)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.group, signal.SIGABRT)
            os.kill(self.group, signal.SIGCONT)  # the other signal comes before any more of the program
        self._follow(time.monotonic() + LAST_WORDS_S)

    def cancel(self) -> None:
        """Have `wait` return at once; callable from any thread."""
        self._give_notice(b"c")

    def _streams(self) -> Sequence[tuple[int, Excerpt]]:
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        return (
            (self._process.stdout.fileno(), self._stdout),
            (self._process.stderr.fileno(), self._stderr),
        )

    def _follow(self, deadline: float) -> Cause:
        with selectors.DefaultSelector() as selector:
            selector.register(self._notices, selectors.EVENT_READ)
            for stream, excerpt in self._streams():
                selector.register(stream, selectors.EVENT_READ, excerpt)
            while (left_s := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left_s):
                    if key.data is None:
                        return "cancelled" if b"c" in os.read(key.fd, CHUNK_BYTES) else "ended"
                    chunk = _read(key.fd)
                    if chunk == b"":
                        selector.unregister(key.fd)
                    key.data.add(chunk or b"")
                    if key.data.total > OUTPUT_LIMIT_BYTES:
                        return "output_limit"
        return "wall_limit"

    def _await_end(self) -> None:
        """Give notice of the end of the program's first process, leaving its number taken."""
        if hasattr(os, "waitid"):
            with contextlib.suppress(ChildProcessError):  # an interrupted start has given it back already
                os.waitid(os.P_PID, self.group, os.WEXITED | os.WNOWAIT)
        elif self._process:
            self._process.wait()  # macOS before Python 3.13
        self._give_notice(b"e")

    def _give_notice(self, what: bytes) -> None:
        with self._notifying:
            if self._notify >= 0:
                os.write(self._notify, what)

    def _end(self) -> None:
        """Kill the group and whatever left it; only then is the group's number given back."""
        if self._ended:
            return
        process = self._process
        if process is None:  # an interrupt may have come when it was started and not yet known here
            end_marked(self._mark, settled_s=SETTLED_S)
        else:
            session = self.group if process.returncode is None else None
            end_marked(self._mark, session=session, also=self._strays)
            if self._waiter and self._waiter.ident:
                self._waiter.join(GONE_LIMIT_S)
            process.wait(GONE_LIMIT_S)
        self._ended = True

    def _check_begun(self) -> None:
        os.set_blocking(self._report, False)
        said = _read(self._report) or b""
        if said != BEGUN:
            reason = said.removeprefix(BEGUN) or self._stderr.text() or b"it ended at once"
            raise _not_started(reason.decode(errors="replace").strip())


def _read(pipe: int) -> bytes | None:
    """Return what a pipe holds now: None for nothing yet, nothing at its end."""
    try:
        return os.read(pipe, CHUNK_BYTES)
    except BlockingIOError:
        return None


def _not_started(reason: str) -> SandboxError:
    return SandboxError(
        "The program could not be started.",
        cure="Close what takes the machine's memory or processes, then grade again.",
        detail=reason,
    )
