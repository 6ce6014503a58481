"""What Python prints when a program goes wrong, read back: exceptions with their frames, stacks of threads.

Kafka-python closes producers in an exit hook and in `__del__`; what those raise is printed as “Exception
ignored in …” and never ended a program, so it is left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FRAME = re.compile(r'^ *File "(?P<path>.*)", line (?P<line>\d{1,9})(?:,? in (?P<function>.+))?$')
RAISED = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$")
HEADER = "Traceback (most recent call last):"
IGNORED = "Exception ignored in"
CHAINED = re.compile(r"^(During handling of the above exception|The above exception was the direct cause)")
THREAD = re.compile(r"^(Current thread|Thread) .*\(most recent call first\):$")
# Exception groups, as asyncio.TaskGroup raises them, are drawn with a margin.
MARGIN = re.compile(r"^ *(\| ?|\+ (?=Exception Group)|\+-[+-].*$)")
# Files of Python itself and of installed packages.
INSTALLED = re.compile(r"^<|site-packages|dist-packages|[/\\]lib[/\\]python3")


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a stack.

    Attributes:
        path: As Python printed it.
        function: Empty where Python names none (a syntax error).
    """

    path: str
    line: int
    function: str

    @property
    def file(self) -> str:
        """The file's name, without the folders before it."""
        return re.split(r"[/\\]", self.path)[-1]

    @property
    def installed(self) -> bool:
        """Whether the file belongs to Python or to an installed package."""
        return bool(INSTALLED.search(self.path))


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception that was printed.

    Attributes:
        kind: The class's name, without its modules.
        frames: The outermost first.
        before: The exceptions before it in its chain, the first raised first.
        of_thread: Whether it ended a thread only (“Exception in thread …”).
    """

    kind: str
    message: str
    frames: tuple[Frame, ...] = ()
    before: tuple["Raised", ...] = ()
    of_thread: bool = False


def exceptions(text: str) -> tuple[Raised, ...]:
    """Return what was raised and printed, in that order, each with its chain; ignored ones left out."""
    found: list[Raised] = []
    chain: tuple[Raised, ...] = ()
    ignored = of_thread = False
    lines = [MARGIN.sub("", line) for line in text.splitlines()]
    number = 0
    while number < len(lines):
        line = lines[number]
        if _begins(lines, number):
            raised, number = _read(lines, number, chain, of_thread=of_thread)
            if raised is not None and not ignored:
                found = [*found[: len(found) - bool(chain)], raised]
            chain, ignored, of_thread = (), False, False
            continue
        if CHAINED.match(line) and found:
            chain = (*found[-1].before, found[-1])
        elif line.startswith(IGNORED):
            ignored = True
        elif line.startswith("Exception in thread"):
            of_thread = True
        number += 1
    return tuple(found)


def _begins(lines: Sequence[str], number: int) -> bool:
    if lines[number].endswith(HEADER):
        return True
    match = FRAME.match(lines[number])
    # A syntax error of the program itself has no header and names no function, or not even a line.
    return (match is not None and match["function"] is None) or lines[number].startswith("SyntaxError: ")


def _read(
    lines: Sequence[str], number: int, chain: tuple[Raised, ...], *, of_thread: bool
) -> tuple[Raised | None, int]:
    """Read one traceback from its first line; return it with the number of the line behind it."""
    frames = []
    number += lines[number].endswith(HEADER)
    while number < len(lines) and (lines[number].startswith(" ") or not lines[number]):
        match = FRAME.match(lines[number])
        if match:
            frames.append(_frame(match))
        number += 1
    end = RAISED.match(lines[number]) if number < len(lines) else None
    if end is None:
        return None, number + (not frames)
    kind = end["kind"].rpartition(".")[2]
    return Raised(kind, end["message"] or "", tuple(frames), chain, of_thread), number + 1


def _frame(match: re.Match[str]) -> Frame:
    return Frame(match["path"], int(match["line"]), match["function"] or "")


def threads(text: str) -> Iterator[tuple[Frame, ...]]:
    """Yield the stack of each thread as Python's fault handler printed it, the innermost frame first."""
    frames: list[Frame] | None = None
    for line in text.splitlines():
        match = FRAME.match(line)
        if frames is not None and match:
            frames.append(_frame(match))
            continue
        if frames:
            yield tuple(frames)
        frames = [] if THREAD.match(line) else None
    if frames:
        yield tuple(frames)
