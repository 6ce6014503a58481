"""Run a step of the set-up: progress on the terminal, the cause of a failure out of its output."""

import os
import re
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from environment.trouble import diagnosed

KEPT_LINES = 40  # of what a step prints, to find the cause in


def say(text: str, end: str = "\n") -> None:
    """Write progress where it does not mix with output."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


class Progress:
    """One line that is written over on a terminal, and nothing elsewhere."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.start_s = time.monotonic()

    def show(self, text: str = "") -> None:
        """Show a text, or the one before with the seconds gone on."""
        self.text = text or self.text
        if sys.stderr.isatty():
            say(f"\r\033[K  {self.text}, {time.monotonic() - self.start_s:.0f} s", end="")

    def clear(self) -> None:
        """Take the line away."""
        if sys.stderr.isatty():
            say("\r\033[K", end="")


def lines_of(output: int, progress: Progress) -> Iterator[str]:
    """Lines as a process prints them, while the progress line goes on once a second."""
    pending, chunk = b"", b"\n"
    while chunk:
        if not select.select([output], [], [], 1.0)[0]:
            progress.show()
            continue
        chunk = os.read(output, 65536)
        *lines, pending = (pending + chunk).split(b"\n")
        yield from (line.decode(errors="replace").rstrip() for line in lines)
    yield pending.decode(errors="replace").rstrip()


def run(
    what: str,
    command: Sequence[str],
    *,
    locks: tuple[int, ...],
    variables: dict[str, str] | None = None,
    each: Callable[[], None] = lambda: None,
) -> None:
    """Run a step of the set-up, with progress; a step that fails becomes Trouble.

    Args:
        locks: Descriptors of the held locks. The step keeps them: should this process be killed, the next
            run waits until the orphan has ended too.
        each: Called after each line that the step prints, and at its end.
    """
    progress, kept, count = Progress(what), deque[str](maxlen=KEPT_LINES), 0
    output, end = os.pipe()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=end, stderr=end, env=variables, pass_fds=locks
    )
    os.close(end)
    try:
        for line in lines_of(output, progress):
            kept.append(line)
            count += line.startswith("Collecting ")
            if found := re.match(r"\s*(?:Downloading|Using cached) (\S+?)-.*\((.+)\)", line):
                progress.show(f"package {count}: {found[1]} ({found[2]})")
            elif "Retrying" in line:
                progress.show("no answer, trying again")
            each()
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        os.close(output)
        progress.clear()
    if code != 0:
        raise diagnosed(what, [line for line in kept if line])
