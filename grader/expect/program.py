"""Expectations on a program as a whole: that it ends well, and remarks on how it is written."""

from collections.abc import Iterator

from grader import diagnosis
from grader.expect.failure import fail
from grader.model import Evidence, Run


def program_ends(evidence: Evidence) -> None:
    """Expect that the program ended by itself, with exit code 0."""
    run = evidence.run
    if run.ended_well:
        return
    cause = diagnosis.why_it_ended_so(evidence)
    fail(
        " ".join(part for part in (cause.seen, _end(run, cause.seen)) if part),
        expected=f"The program ends by itself within {run.wall_limit_s:.0f} s, with exit code 0.",
        advice=cause.advice,
    )


def _end(run: Run, said: str) -> str:
    """Return how the program ended, unless that has been said."""
    if run.exit.status == "timed_out":
        return f"The program was ended after {run.wall_limit_s:.0f} s."
    if run.exit.status == "exited" and "exit code" not in said:
        return f"The exit code was {run.exit.code}."
    return ""


def remark_on_address(evidence: Evidence) -> Iterator[str]:
    """Yield a remark where the broker's address is written outright."""
    yield from diagnosis.remark_on_address(evidence)


def remark_on_waiting(held: Evidence) -> Iterator[str]:
    """Yield a remark where records got through a stall because the program slept long enough."""
    yield from diagnosis.remark_on_waiting(held)
