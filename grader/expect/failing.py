"""Expectations on a program that cannot do what it is asked: it gives up in time, and says so."""

from collections.abc import Callable

from grader import diagnosis
from grader.diagnosis import failing
from grader.diagnosis.case import Case, told
from grader.diagnosis.logs import own_lines
from grader.expect.failure import fail
from grader.expect.wording import SHOWN, shown
from grader.model import Evidence

Names = Callable[[str], bool]
# What a program takes to start on a machine of the usual pace, with something to spare.
START_S = 5.0


def gives_up_within(evidence: Evidence, limit_s: float) -> None:
    """Expect that the program ended by itself within so many seconds.

    On a machine that is slow its start may take longer, and no more than that: what a client waits by
    is the same everywhere, and the shortest default is 30 s.
    """
    run = evidence.run
    pace = run.wall_limit_s / evidence.scenario.wall_limit_s
    allowed_s = limit_s + START_S * (pace - 1)
    expected = f"The program gives up, and has ended by itself within {limit_s:g} s."
    if run.exit.status == "timed_out":
        found = failing.went_on(Case(evidence))
        fail(
            f"The program was still running after {run.wall_limit_s:.0f} s. {found.seen}",
            expected=expected,
            advice=found.advice,
        )
    if run.exit.status != "exited":
        found = diagnosis.why_it_ended_so(evidence)
        fail(found.seen, expected=expected, advice=found.advice)
    if run.duration_s > allowed_s:
        found = failing.took_too_long(Case(evidence))
        fail(
            f"The program took {run.duration_s:.1f} s to give up. {found.seen}".strip(),
            expected=expected,
            advice=found.advice,
        )


def exit_code_tells(evidence: Evidence) -> None:
    """Expect an exit code other than 0, from a program that ended by itself."""
    if evidence.run.exit.code != 0:
        return
    expected = "An exit code other than 0, which says that something failed."
    if evidence.records:
        record = evidence.records[0]
        literal = next((place for _, place in Case(evidence).source.addresses()), None)
        made = record.topic not in {topic.name for topic in evidence.scenario.topics}
        fail(
            f"The program ended with exit code 0, and {shown(record.value)} is stored at {record.place}."
            f"{told(literal, 'An address is written outright at')}",
            expected=expected,
            advice=f"That `{record.topic}` is missing is to be told, and not to be mended by making it."
            if made
            else "Use what the program is given: the address from the environment, topic and message from "
            "its arguments.",
        )
    found = failing.claimed_success(Case(evidence))
    fail(f"The program ended with exit code 0. {found.seen}".strip(), expected=expected, advice=found.advice)


def stderr_names(evidence: Evidence, what: str, names: Names) -> None:
    """Expect a line on stderr, of the program's own, that names something.

    Args:
        what: What it is, as a phrase such as “the topic `orders`”.
        names: Whether a line names it.
    """
    case = Case(evidence)
    own = own_lines(case.stderr)
    if any(map(names, own)):
        return
    expected = f"A line on stderr that names {what}."
    on_stdout = next(filter(names, case.stdout.splitlines()), None)
    if on_stdout is not None:
        fail(
            f"The line {_line(on_stdout)} is on stdout, where results go; on stderr there is none that names "
            f"{what}.",
            expected=expected,
            advice="Write errors to stderr: `print(…, file=sys.stderr)`, or `sys.exit(text)`, which also "
            "makes the exit code 1.",
        )
    if any(map(names, case.stderr.splitlines())):
        fail(
            f"Only the client's own log names {what}; the program says nothing of it.",
            expected=expected,
            advice="Say it in a line of your own: a client's log differs with its version and its settings.",
        )
    if not own:
        fail(
            "There is nothing of the program's own on stderr.",
            expected=expected,
            advice="Say there what failed: `print(…, file=sys.stderr)`, or `sys.exit(text)`.",
        )
    fail(
        f"The program's last line on stderr is {_line(own[-1])}; it does not name {what}.",
        expected=expected,
        advice="A client's error names less than one thinks: put what you know into your own line, "
        "and the error behind it.",
    )


def _line(text: str) -> str:
    return shown(text.strip().encode()) if len(text) <= SHOWN else f"`{text.strip()[: SHOWN - 1]}…`"


def no_traceback(evidence: Evidence) -> None:
    """Expect that the program printed no traceback that leads through a line of its own."""
    case = Case(evidence)
    raised, place = case.raised, case.raised_at()
    if raised is None or place is None:
        return
    said = f"{raised.kind}: {raised.message}" if raised.message else raised.kind
    logged = next(case.source.calls("exception", "print_exc"), None)
    fail(
        f"Under “{evidence.scenario.title}” the program printed a traceback, which ends in {_line(said)}."
        f"{told(place, 'It was raised at')}",
        expected="An error in the program's own words.",
        advice=f"Log it without its traceback: `logging.error(…)`. See {logged.place}."
        if logged
        else f"Catch it there: `except {raised.kind} as error:`, and say what failed and why.",
    )
