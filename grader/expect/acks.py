"""Expectations on the acks that a program's Produce requests ask for, from the broker's request log."""

from collections import Counter

from grader import diagnosis
from grader.expect.failure import fail
from grader.expect.wording import listed, number, some
from grader.model import Evidence

ALL = -1


def acks_are(evidence: Evidence, wanted: int) -> None:
    """Expect that every Produce request asked for these acks; -1 is all.

    It hangs on a check that records arrived.
    """
    asked = Counter(request.acks for request in evidence.requests_of("PRODUCE"))
    if not asked:
        raise RuntimeError("the broker logged no Produce request of a program that stored records")
    if set(asked) == {wanted}:
        return
    named = [f"acks={_named(each)}" for each, _ in asked.most_common()]
    others = asked.total() - asked[wanted]
    advice = diagnosis.why_acks_differ(evidence, wanted)
    if len(asked) == 1:
        requests = f"All {number(others, 'Produce request')}" if others > 1 else "The Produce request"
        seen = f"{requests} asked for {named[0]}."
    else:
        seen = f"The Produce requests asked for {listed(named)}"
        seen += f": {some(others, asked.total(), 'request', 'is', 'are')} not as wanted."
    called = " ".join(evidence.scenario.args)
    fail(
        f"{seen} The program was called with `{called}`.",
        expected=f"acks={_named(wanted)} in every Produce request.",
        advice=advice,
    )


def _named(acks: int | None) -> str:
    return "all" if acks == ALL else f"{acks}"
