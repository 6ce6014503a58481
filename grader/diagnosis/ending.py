"""Ends without an exception: exit codes, signals, limits, and where a program was when its time was up."""

import ast
from collections.abc import Iterator

from grader.diagnosis.case import Case, at, cause
from grader.diagnosis.source import Call
from grader.model import Feedback

EXIT = ("exit", "quit", "SystemExit", "_exit")
# So many that connecting takes the time; a few, one for each thread, are soon made.
MANY_PRODUCERS = 30
WAITING = {
    "flush": "flush() waited for the broker",
    "get": "it waited for a future's result",
    "close": "close() waited for the broker",
    "bootstrap": "it tried to reach the broker",
    "_wait_on_metadata": "send() waited to learn where the topic is",
}


def exit_code(case: Case) -> Feedback | None:
    """The program chose an exit code other than 0."""
    run = case.evidence.run
    if run.exit.status != "exited" or run.exit.code in {0, None}:
        return None
    call = _chosen(case)
    where = at(call.place if call else None, ", chosen at ")
    seen = f"The program ended with exit code {run.exit.code}{where}."
    if call is not None and _is_text(call):
        return cause(
            seen,
            "A text given to sys.exit() is an error message, and makes the exit code 1: print() it instead.",
        )
    return cause(seen, "Exit code 0 says that all went well: let the program run to its last line.")


def _chosen(case: Case) -> Call | None:
    """Return the call that chose the exit code, as far as that can be told."""
    code = case.evidence.run.exit.code
    calls = [call for call in case.source.calls(*EXIT) if call.node.args]
    for call in calls:
        if call.first() == code or (isinstance(call.first(), str) and str(call.first()) in case.stderr):
            return call
    other = [call for call in calls if not isinstance(call.node.args[0], ast.Constant)]
    return other[0] if len(other) == 1 else None


def _is_text(call: Call) -> bool:
    return isinstance(call.first(), str) or isinstance(call.node.args[0], ast.JoinedStr)


def signal(case: Case) -> Feedback | None:
    """A signal ended the program."""
    end = case.evidence.run.exit
    if end.status != "signalled":
        return None
    advice = {
        "SIGSEGV": "A library written in C failed: see which line calls it, and with what.",
        "SIGABRT": "The program or a library called abort(): the last lines of stderr say why.",
        "SIGKILL": "Does the program end itself with os.kill()? Let it run to its last line.",
    }.get(end.signal or "", "Let the program run to its last line.")
    return cause(f"The signal {end.signal} ended the program.", advice)


def out_of_memory(case: Case) -> Feedback | None:
    """The program used all the memory that it may."""
    if case.evidence.run.exit.status != "out_of_memory":
        return None
    place = case.raised_at()
    return cause(
        f"The program used all the memory that it may have{at(place)}.",
        "Which list, text or loop grows without end? This exercise needs less than 100 MB.",
    )


def output_limit(case: Case) -> Feedback | None:
    """The program printed without end."""
    run = case.evidence.run
    if run.exit.status != "output_limit":
        return None
    printed_mb = max(run.stdout_bytes, run.stderr_bytes) / 1e6
    prints = case.source.calls("print", "write", "info", "warning", "error", "debug")
    around = (case.source.loop_around(call.place.file, call.place.line) for call in prints)
    loop = next(filter(None, around), None)
    where = at(loop, ", in the loop at ")
    return cause(
        f"The program printed more than {printed_mb:.0f} MB and was ended there{where}.",
        "Let the loop come to an end: with a condition, a count or `break`.",
    )


def producer_anew(case: Case) -> Feedback | None:
    """The time went into making producers, one after the other."""
    connections = len({request.source for request in case.evidence.requests_of("PRODUCE")})
    if not case.timed_out or connections < MANY_PRODUCERS:
        return None
    made = next(case.source.calls("KafkaProducer", "AIOKafkaProducer", "Producer"), None)
    return cause(
        f"The program made {connections} producers one after the other{at(made.place if made else None)}; "
        "each connects anew, which takes longer than sending.",
        "Make one producer before the loop, and use it for every `send()`.",
    )


def endless_loop(case: Case) -> Feedback | None:
    """The wall limit came while a loop of the student's ran."""
    place = case.waited_at() if case.timed_out else None
    loop = case.source.loop_around(place.file, place.line) if place else None
    if place is None or loop is None:
        return None
    inside = "" if loop.line == place.line else f", and was at line {place.line}"
    return cause(
        f"The loop that begins at {loop.number}, `{loop.shown}`, had not come to an end{inside}.",
        "Take the loop out, or let it end: once its records are delivered, a producer need not stay.",
    )


def still_waiting(case: Case) -> Feedback | None:
    """The wall limit came while the program waited for something."""
    if not case.timed_out:
        return None
    place = case.waited_at()
    doing = next((WAITING[name] for name in _functions(case) if name in WAITING), "")
    if place is None:
        return cause(
            "The program was still running.",
            "A program ends when all of its threads have ended: end them, or make them daemons.",
        )
    if "sleep" in place.text:
        return cause(
            f"The program slept, at {place}.",
            "Take the sleep out: flush() and close() wait as long as is needed.",
        )
    seen = f"When its time was up, {doing or 'the program was'}{', ' if doing else ' '}at {place}."
    return cause(seen, "Print a line before and after it: does the program come this far, and on?")


def _functions(case: Case) -> Iterator[str]:
    for frame in reversed(case.main_stack):
        yield frame.function
