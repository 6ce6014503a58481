"""Expectations on how many records a program stores that is told how many to send."""

from collections.abc import Iterator

from grader.expect.failure import fail
from grader.expect.source import line_calling
from grader.expect.wording import number, shown
from grader.model import Evidence

SENDS = ("send", "send_and_wait", "produce")


def stored_as_told(evidence: Evidence, topic: str, wanted: int) -> None:
    """Expect that a topic holds as many records as the program was told to send."""
    records = evidence.of_topic(topic)
    if len(records) == wanted:
        return
    verb = "is" if len(records) == 1 else "are"
    seen, advice = next(_why(evidence, topic, wanted))
    fail(
        f"{number(len(records), 'record')} {verb} stored in `{topic}`; the program was called with "
        f"`{' '.join(evidence.scenario.args)}`. {seen}".strip(),
        expected=f"{number(wanted, 'record')}.",
        advice=advice,
    )


def _why(evidence: Evidence, topic: str, wanted: int) -> Iterator[tuple[str, str]]:
    records = evidence.of_topic(topic)
    stored, distinct = len(records), len({record.value for record in records})
    if not evidence.run.ended_well:
        yield "", "The program did not come to its end: begin with what it says last."
    turns = line_calling(evidence, "range")
    if stored == wanted - 1:
        yield (
            "One is missing.",
            f"`range(1, n)` stops before n: `range(n)` counts n turns. {turns}".strip(),
        )
    if stored == wanted + 1:
        yield "There is one too many.", f"`range(n)` counts n turns, from 0 to n - 1. {turns}".strip()
    if stored % wanted == 0:
        again = f" Each value is stored {stored // wanted} times." if distinct == wanted else ""
        yield (
            f"It is {stored // wanted} times as many.{again}",
            f"Is there one `send()` in the loop, and does the loop run once? {_sends(evidence)}".strip(),
        )
    if stored == 1:
        yield (
            f"Its value is {shown(records[0].value)}.",
            "Does `send()` stand inside the loop, and has the loop as many turns as the second argument, "
            f"`sys.argv[2]`, says? {_sends(evidence)}".strip(),
        )
    yield "", f"Take the number from the second argument, `int(sys.argv[2])`. {turns}".strip()


def _sends(evidence: Evidence) -> str:
    return line_calling(evidence, *SENDS)
