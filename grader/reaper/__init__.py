"""What clears up after a grading, whatever ends it.

The reaper is a process in a session of its own. It makes the grading's one temporary folder and waits on
a pipe. When the grader ends, by kill -9 as well, the kernel closes the pipe; then every process that
bears the grading's mark in its environment is killed, and the folder removed.
"""

import contextlib
import os
import secrets
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from grader.errors import GraderError
from grader.reaper.process import PREFIX, TOKEN_BYTES, VARIABLE, clear, hold

PROCESS = Path(__file__).with_name("process.py")
START_LIMIT_S = 20.0
CLOSE_LIMIT_S = 20.0


class Reaper:
    """The grader's side: one of these a grading, as a context manager.

    Attributes:
        root: The grading's temporary folder, readable by its owner only.
        token: What sets this grading apart from others of the machine.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", root: Path, token: str) -> None:
        self.root = root
        self.token = token
        self._process = process
        self._lock = hold(str(root))

    @classmethod
    def start(cls, folder: Path | None = None) -> Self:
        """Start a reaper whose root stands in `folder`, or among the machine's temporary files.

        Folders of earlier gradings that were killed together with their reaper are removed.

        Raises:
            GraderError: The process did not start, or the folder could not be made.
        """
        token = secrets.token_hex(TOKEN_BYTES)
        root = Path(folder or tempfile.gettempdir()).resolve() / f"{PREFIX}{token}"
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(PROCESS), token, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env={},
        )
        try:
            _await_ready(process, root)
            return cls(process, root, token)
        except BaseException:
            process.communicate()
            raise

    @property
    def environment(self) -> Mapping[str, str]:
        """The variable that every process of the grading is started with."""
        return {VARIABLE: self.token}

    @property
    def pid(self) -> int:
        """The number of the reaper's process."""
        return self._process.pid

    def watch_group(self, group: int) -> None:
        """Have a process group killed if the grader dies."""
        self._say(f"group {group}")

    def forget_group(self, group: int) -> None:
        """Forget a group, before its number can become another's."""
        self._say(f"forget {group}")

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        # The reaper was killed, or is closed: `close` clears up in its place.
        with contextlib.suppress(BrokenPipeError, ValueError):
            os.write(self._process.stdin.fileno(), f"{line}\n".encode())

    def close(self) -> None:
        """End what is left of the grading and remove its folder; a second call does nothing."""
        if self._lock < 0:
            return
        self._say("done")
        os.close(self._lock)
        self._lock = -1
        try:
            self._process.communicate(timeout=CLOSE_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        if self.root.exists():
            clear(self.token, str(self.root))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _await_ready(process: "subprocess.Popen[bytes]", root: Path) -> None:
    assert process.stdout is not None
    answered, _, _ = select.select([process.stdout], [], [], START_LIMIT_S)
    answer = process.stdout.readline().decode().strip() if answered else "no answer"
    if answer != "ready":
        raise GraderError(
            f"The temporary folder {root} could not be made: {answer or 'the process that makes it ended'}.",
            cure="Free some space there, or set TMPDIR to a folder that you may write to.",
        )
