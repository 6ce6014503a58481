"""Expectations on the records of a topic: how many arrive, with which value, on a slow path too."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader import diagnosis
from grader.expect.failure import fail
from grader.expect.source import line_calling
from grader.expect.wording import listed, number, shown
from grader.model import Evidence, Record, Stall

SEND = ("send", "send_and_wait", "produce")
# A program that sends without end stores hundreds of thousands.
LOOKED_AT = 100
# Encodings by the names that Python has for them; the more usual first.
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig")


def records_arrive(evidence: Evidence, topic: str) -> None:
    """Expect at least one record in a topic, and that it is not there by chance."""
    expected = f"A record in `{topic}`."
    chance = diagnosis.left_to_chance(evidence)
    cause = chance if evidence.of_topic(topic) else diagnosis.why_nothing_arrived(evidence)
    if cause is not None and cause == chance:
        # Seen or not, it is the same mistake: equal gradings name it in equal words.
        fail(cause.seen, expected=expected, advice=cause.advice)
    if cause is not None:
        fail(f"Nothing arrived in `{topic}`. {cause.seen}".strip(), expected=expected, advice=cause.advice)


def one_record(evidence: Evidence, topic: str) -> None:
    """Expect that a topic holds one record, and no more."""
    records = evidence.of_topic(topic)
    if len(records) == 1:
        return
    seen, advice = next(_why_several(evidence, records))
    fail(
        f"{number(len(records), 'record')} are stored in `{topic}`{seen}",
        expected="One record.",
        advice=advice,
    )


def _why_several(evidence: Evidence, records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    line = line_calling(evidence, *SEND)
    where = f" {line}" if line else ""
    if evidence.run.exit.status in {"timed_out", "output_limit"}:
        yield ", and the program went on until it was ended.", f"Take the loop around `send()` out.{where}"
    if len(records) > 2 and all(len(record.value or b"") <= 1 for record in records):
        yield (
            ", each with one letter of the message.",
            f"A `for` loop over a text runs letter by letter: send the whole text, without a loop.{where}",
        )
    if len({record.value for record in records}) == 1:
        yield (
            f", all with the value {shown(records[0].value)}.",
            f"Does `send()` stand in a loop, or is a function that sends called more than once?{where}",
        )
    in_time = sorted(records, key=lambda record: record.timestamp_ms)
    values = [f"{shown(record.value)} at {record.place}" for record in in_time]
    yield f": {listed(values)}.", "Send the message that the task asks for, and no other."


def value_is(evidence: Evidence, topic: str, wanted: bytes) -> None:
    """Expect that a record of a topic has this value, byte for byte."""
    records = evidence.of_topic(topic)
    if any(record.value == wanted for record in records):
        return
    looked_at = records[:LOOKED_AT]
    found = next(
        ((each, record) for each in DIFFERENCES for record in looked_at if each.sign(record, wanted)), None
    )
    record = found[1] if found else records[0]
    what = found[0].what if found else _first_difference(record.value or b"", wanted)
    none = f"None of {number(len(records), 'record')} has the value. " if len(records) > 1 else ""
    fail(
        f"{none}The value of {record.place} is {_visible(record.value)}{what}",
        expected=f"The value {shown(wanted)}: {len(wanted)} bytes.",
        advice=found[0].advice
        if found
        else "Compare it with the task letter by letter; copy it if in doubt.",
    )


def _visible(value: bytes | None) -> str:
    """Return a value so that line breaks and spaces at its ends are seen."""
    text = shown(value)
    return text if text.isprintable() else shown(repr(value)[2:-1].encode())


def _first_difference(value: bytes, wanted: bytes) -> str:
    length = min(len(value), len(wanted))
    place = next((each for each in range(length) if value[each] != wanted[each]), length)
    if place == len(wanted):
        return f"; nothing should come behind its character {place}."
    return f"; its character {place + 1} should be `{chr(wanted[place])}`."


@dataclass(frozen=True)
class Difference:
    """A way in which a value can miss the wanted one.

    Attributes:
        what: The end of a sentence that begins with the value.
    """

    sign: Callable[[Record, bytes], bool]
    what: str
    advice: str


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def _json(value: bytes | None) -> object:
    try:
        return json.loads((value or b"").decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _in_another_encoding(record: Record, wanted: bytes) -> bool:
    text = wanted.decode()
    return any(record.value == text.encode(encoding) for encoding in ENCODINGS)


# The first that a value shows names it.
DIFFERENCES = (
    Difference(
        lambda record, wanted: record.value is None and record.key == wanted,
        "; the message is the record's key.",
        "In kafka-python's `send(topic, value, key)` the value comes first; name it: `value=…`.",
    ),
    Difference(
        lambda record, _: not record.value,
        ".",
        "Give `send()` the message as its value: `send(topic, value=…)`.",
    ),
    Difference(
        lambda record, wanted: _text(record.value).rstrip("\r\n") == wanted.decode(),
        ": it ends with a line break.",
        'Leave the line break out, or cut it off with `.rstrip("\\n")`.',
    ),
    Difference(
        lambda record, wanted: _text(record.value).strip() == wanted.decode(),
        ": there is white space around it.",
        "Send the message without spaces before or behind it.",
    ),
    Difference(
        lambda record, wanted: _json(record.value) == wanted.decode(),
        ": it was encoded as JSON, and the quotation marks are part of the value.",
        'Encode the text with `.encode("utf-8")` alone; `json.dumps` is for data, in a later exercise.',
    ),
    Difference(
        lambda record, wanted: _text(record.value) == repr(wanted),
        ": it is Python's notation of bytes, with the `b` and the quotation marks.",
        "`str()` of bytes makes that text. Bytes can be sent as they are.",
    ),
    Difference(
        lambda record, wanted: _text(record.value).strip("'\"“”`") == wanted.decode(),
        ": the quotation marks are part of the value.",
        "Write the quotation marks around the text once; those of Python do not belong to it.",
    ),
    Difference(
        _in_another_encoding,
        ": the text is right, its encoding is not UTF-8.",
        'Encode it with `.encode("utf-8")`.',
    ),
    Difference(
        lambda record, wanted: _text(record.value).casefold() == wanted.decode().casefold(),
        ": capitals and small letters differ.",
        "Write it letter by letter as the task has it; to Kafka, `K` and `k` are different bytes.",
    ),
    Difference(
        lambda record, _: isinstance(_json(record.value), dict | list),
        ": it is a JSON object or list.",
        "Send the text alone, as bytes; nothing around it.",
    ),
    Difference(
        lambda record, wanted: record.value in {wanted[each : each + 1] for each in range(len(wanted))},
        ": one letter of the message.",
        "Send the whole text as one value, without a loop over it.",
    ),
    Difference(
        lambda record, wanted: wanted.decode() in _text(record.value),
        ": there is more in it than the message.",
        "Send the message alone, with nothing before or behind it.",
    ),
)


def delivered(free: Evidence, held: Evidence, topic: str, *, awaited: int = 0) -> None:
    """Expect that what arrives on the free path arrives on the stalled one, too, and no more than that.

    Args:
        awaited: How many records there should be, where the two runs were given different files.
    """
    arrived, awaited = len(held.of_topic(topic)), awaited or len(free.of_topic(topic))
    cut_short = "timed_out" in {free.run.exit.status, held.run.exit.status}
    if arrived == awaited or (cut_short and arrived):
        return
    fault = held.scenario.fault
    late = f" for {fault.hold_s:.1f} s on its way to the broker" if isinstance(fault, Stall) else ""
    expected = f"All that arrives on a free path: {number(awaited, 'record')}."
    if arrived > awaited:
        cause = diagnosis.why_it_was_doubled(held, free)
        seen = f"The first record was held up{late}, and {number(arrived, 'record')} are stored. {cause.seen}"
        fail(seen, expected=expected, advice=cause.advice)
    cause = diagnosis.why_it_was_lost(held, free)
    lost = f"{awaited - arrived:,} of {awaited:,} records were lost"
    what = (
        f"The record was held up{late}, and was lost"
        if awaited == 1
        else f"The first record was held up{late}, and {lost}"
    )
    fail(
        f"{what}. {cause.seen}",
        expected=expected,
        advice=cause.advice,
    )
