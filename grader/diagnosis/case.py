"""One run under examination: its evidence, what it printed and its source, read once for all recognisers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.diagnosis import stack
from grader.diagnosis.logs import without_records
from grader.diagnosis.source import PROGRAM, Place, Source
from grader.diagnosis.stack import Frame, Raised
from grader.model import Evidence, Feedback, LeaderKilled, Request, Stall

# Ends of programs that were not their own doing.
CUT_SHORT = frozenset({"timed_out", "output_limit", "out_of_memory"})


@dataclass(frozen=True)
class Case:
    """What recognisers look at.

    Attributes:
        evidence: Of the run that is explained.
        healthy: The run on the healthy path, where the explained one was on another.
    """

    evidence: Evidence
    healthy: Evidence | None = None

    @cached_property
    def source(self) -> Source:
        """The submitted source."""
        return Source(self.evidence.submission.files)

    @cached_property
    def stdout(self) -> str:
        """What was printed to stdout."""
        return self.evidence.run.stdout.decode("utf-8", "replace")

    @cached_property
    def stderr(self) -> str:
        """What was printed to stderr."""
        return self.evidence.run.stderr.decode("utf-8", "replace")

    @cached_property
    def raised(self) -> Raised | None:
        """The exception that ended the program, or else the last one that it printed."""
        found = stack.exceptions(without_records(self.stderr)) or stack.exceptions(self.stdout)
        of_main = [each for each in found if not each.of_thread]
        return next(reversed(of_main or found), None)

    @property
    def timed_out(self) -> bool:
        """Whether the program was ended by the wall limit."""
        return self.evidence.run.exit.status == "timed_out"

    @property
    def ended_well(self) -> bool:
        """Whether the program ended by itself with exit code 0."""
        return self.evidence.run.ended_well

    @cached_property
    def main_stack(self) -> tuple[Frame, ...]:
        """Where the program's main thread was when the wall limit came, the innermost frame first."""
        found = list(stack.threads(without_records(self.stderr)))
        of_main = (each for each in found if each[-1].file == PROGRAM and each[-1].function == "<module>")
        return next(of_main, ()) or next((each for each in found if self.own(each)), ())

    def own(self, frames: tuple[Frame, ...]) -> list[Frame]:
        """Return the frames that lie in submitted files, in the order given."""
        names = self.evidence.submission.files.keys()
        return [each for each in frames if each.file in names and not each.installed]

    def place_of(self, frame: Frame) -> Place:
        """Return the student's line of a frame."""
        return self.source.place(frame.file, frame.line)

    def raised_at(self, raised: Raised | None = None) -> Place | None:
        """Return the student's line nearest to where an exception was raised."""
        raised = raised or self.raised
        own = self.own(raised.frames) if raised else []
        return self.place_of(own[-1]) if own else None

    def waited_at(self) -> Place | None:
        """Return the student's line at which the main thread was when the wall limit came."""
        own = self.own(self.main_stack)
        return self.place_of(own[0]) if own else None

    def waited_in(self, function: str) -> bool:
        """Whether the main thread was inside a function of this name when the wall limit came."""
        return any(frame.function == function for frame in self.main_stack)

    def said(self, pattern: str) -> re.Match[str] | None:
        """Find a pattern in the message of what was raised, else in a line that the program printed.

        What the exit hook of a client raised is not the program's word, and is not looked at.
        """
        if self.raised is not None:
            return re.search(pattern, self.raised.message)
        return next(filter(None, (re.search(pattern, line) for line in self._lines())), None)

    def _lines(self) -> Iterator[str]:
        yield from self.stdout.splitlines()
        for line in self.stderr.splitlines():
            if line.startswith(stack.IGNORED):
                return
            yield line

    def produces(self) -> tuple[Request, ...]:
        """The Produce requests of this run and of the healthy one."""
        before = self.healthy.requests_of("PRODUCE") if self.healthy is not None else ()
        return (*before, *self.evidence.requests_of("PRODUCE"))

    @property
    def hold(self) -> str:
        """How long the stalled Produce was held, as words."""
        fault = self.evidence.scenario.fault
        return f"{fault.hold_s:.1f} s" if isinstance(fault, Stall) else ""

    @property
    def patience_s(self) -> int:
        """How long the task asks a program to wait for the broker: longer, where another has to take over."""
        return 20 if isinstance(self.evidence.scenario.fault, LeaderKilled) else 10

    @property
    def connected(self) -> bool | None:
        """Whether a connection was opened to the broker; None where that cannot be known."""
        traffic = self.evidence.traffic
        return None if traffic is None else traffic.connections > 0


Recogniser = Callable[[Case], Feedback | None]


def at(place: Place | None, before: str = " at ") -> str:
    """Return the words that name a place, or nothing."""
    return f"{before}{place}" if place is not None else ""


def told(place: Place | None, before: str) -> str:
    """Return a sentence of its own that names a place, or nothing."""
    return f" {before} {place}." if place is not None else ""


def sentence(text: str) -> str:
    """Return a message as the end of a sentence: with a full stop, unless it brings its own."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def cause(seen: str, advice: str) -> Feedback:
    """Return what a recogniser has found."""
    return Feedback(seen=seen, advice=advice)
