"""The folder of one run: filled before it, read after it, removed whatever the program left in it."""

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from grader.errors import SandboxError
from grader.model import Scenario, Submission
from grader.reaper.process import remove_tree

PROGRAM = "producer.py"
# An honest file of acknowledged ids has some 50 kB.
MAX_COLLECTED_BYTES = 5_000_000


class Scratch:
    """A folder for one run; a context manager that removes it at the end.

    Attributes:
        work: The program's current folder: its files and the scenario's, nothing else.
        temporary: Where the program's temporary files go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.work = folder / "work"
        self.temporary = folder / "tmp"
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.work.mkdir()
            self.temporary.mkdir()
            self._descriptor = os.open(self.work, os.O_RDONLY | os.O_DIRECTORY)
        except BaseException as error:
            self.__exit__()
            if isinstance(error, OSError):
                raise _unfilled(error) from error
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        remove_tree(self._folder)  # what cannot be removed is the reaper's to try again

    def fill(self, submission: Submission, scenario: Scenario) -> None:
        """Write the files that the program finds beside itself.

        Raises:
            SandboxError: A name that is not a plain one, or a disk that is full.
        """
        files = files_of(submission, scenario)
        for name in (*files, *scenario.collect):
            if name != os.path.basename(name) or name in {"", ".", ".."}:  # noqa: PTH119 - Path() drops a slash
                raise SandboxError(f"“{name}” cannot stand beside the program: it is not a plain file name.")
        try:
            for name, content in files.items():
                (self.work / name).write_bytes(content)
        except OSError as error:
            raise _unfilled(error) from error

    def collect(self, names: Sequence[str]) -> dict[str, bytes]:
        """Return the regular files of these names as the program left them; what is not there is absent.

        The folder was opened before the program ran, so one that was moved or replaced misleads nobody.
        """
        found = {}
        for name in names:
            content = self._read(name)
            if content is not None:
                found[name] = content
        return found

    def _read(self, name: str) -> bytes | None:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            descriptor = os.open(name, flags, dir_fd=self._descriptor)
        except (OSError, ValueError):
            return None
        try:
            status = os.fstat(descriptor)
            # A second link may lead to a file of the machine's that is none of the program's.
            if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                return None
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(MAX_COLLECTED_BYTES)
        finally:
            os.close(descriptor)


def files_of(submission: Submission, scenario: Scenario) -> Mapping[str, bytes]:
    """Return what stands beside the program; an experiment's own program has nothing of the submission's."""
    own = dict(submission.files) if scenario.program is None else {PROGRAM: scenario.program}
    return {**own, **scenario.files}


def _unfilled(error: OSError) -> SandboxError:
    return SandboxError(
        f"The program's scratch folder could not be made: {error.strerror}.",
        cure="Free some space in the folder for temporary files, or set TMPDIR to another.",
    )
