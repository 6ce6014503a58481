"""Expectations on the acks that a program's Produce requests ask for, from the broker's request log."""

from collections import Counter

from grader import diagnosis
from grader.expect.failure import fail
from grader.expect.source import line_setting
from grader.expect.wording import listed, some
from grader.model import Evidence

ALL = -1
SETTINGS = ("acks", "request.required.acks")


def acks_are(evidence: Evidence, wanted: int) -> None:
    """Expect that every Produce request asked for these acks; -1 is all.

    It hangs on a check that records arrived.
    """
    asked = Counter(request.acks or 0 for request in evidence.requests_of("PRODUCE"))
    if not asked:
        raise RuntimeError("the broker logged no Produce request of a program that stored records")
    if set(asked) == {wanted}:
        return
    if len(asked) == 1:
        advice = diagnosis.why_acks_differ(evidence, wanted)
    else:
        advice = f"Send with the setting of this call, and with no other. {line_setting(evidence, *SETTINGS)}"
    parts = [
        f"{some(count, asked.total(), 'Produce request', 'asked', 'asked')} for acks={_named(each)}"
        for each, count in sorted(asked.items())
    ]
    fail(
        f"{listed(parts)}. The program was called with `{' '.join(evidence.scenario.args)}`.",
        expected=f"acks={_named(wanted)} in every Produce request.",
        advice=advice.strip(),
    )


def _named(acks: int) -> str:
    return "all" if acks == ALL else f"{acks}"
