"""Expectations on the values of records that are the lines of a file."""

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from grader.expect.failure import fail
from grader.expect.lines import (
    READ_AS_UTF_8,
    READING,
    Form,
    Lines,
    Sent,
    decompressed,
    equal,
    parsed,
    readings,
)
from grader.expect.missing import why_missing
from grader.expect.source import line_calling
from grader.expect.wording import NOT_AT_ITS_END, SHOWN, an, listed, number, shown, some
from grader.model import Evidence, Record

# What is said of one value, and of more than one, that is in a form other than asked for.
FAULTS: Mapping[Form, tuple[str, str]] = {
    "twice": ("was encoded twice", "were encoded twice"),
    "constant": (
        "holds NaN or Infinity, which JSON does not have",
        "hold NaN or Infinity, which JSON does not have",
    ),
    "misread": ("was read in another encoding than UTF-8", "were read in another encoding than UTF-8"),
    "python": ("is Python's notation and no JSON", "are Python's notation and no JSON"),
    "encoding": ("is not UTF-8", "are not UTF-8"),
    "compressed": ("was compressed by the program itself", "were compressed by the program itself"),
    "changed": ("differs from its line", "differ from their lines"),
}

SWAPPED = (
    "Key and value are swapped: in kafka-python's `send(topic, value, key)` the value comes first. Name "
    "both, `send(topic, key=…, value=…)`."
)


def values_hold_lines(evidence: Evidence, lines: Lines) -> None:
    """Expect that at least one value holds a line, so that it can be told which record is which line's."""
    records = evidence.of_topic(lines.topic)
    if lines.sent(evidence):
        return
    swapped = [record for record in records if isinstance(parsed(record.key or b""), Mapping)]
    others = [record for record in records if _holds_another(record, lines)]
    example = (swapped or others or records)[0]
    seen = (
        f"No value of the {number(len(records), 'record')} in `{lines.topic}` holds {an(lines.noun)} of the "
        f"file: {example.place} has the key {shown(example.key)} and the value {shown(example.value)}."
    )
    if swapped:
        advice = SWAPPED
    elif any(_holds_several(record) for record in records):
        advice = (
            f"Send a record for every {lines.noun}: the client gathers records into batches by itself, and "
            "each still has its own key and offset."
        )
    elif others:
        advice = (
            f"Is it {an(lines.noun)} of another file? The one to be sent is named by the first argument, "
            f"`sys.argv[1]`: here it was `{evidence.scenario.args[0]}`."
        )
    else:
        advice = "Send the whole line as the value: its bytes, or JSON equal to it."
    fail(seen, expected=f"Records whose value is a line of the file, {an(lines.noun)}.", advice=advice)


def _holds_another(record: Record, lines: Lines) -> bool:
    return any(lines.identity in content for content, _ in readings(record.value or b""))


def _holds_several(record: Record) -> bool:
    """Whether a value is a list of objects, or lines of them, compressed or not."""
    for value in filter(None, (record.value, decompressed(record.value or b""))):
        content = parsed(value)
        if isinstance(content, list) and any(isinstance(each, Mapping) for each in content):
            return True
        first, _, rest = value.partition(b"\n")
        if rest.strip() and isinstance(parsed(first), Mapping):
            return True
    return False


def values_are_json(evidence: Evidence, lines: Lines) -> None:
    """Expect that each value holds a line as a JSON object in UTF-8, whatever has become of its fields."""
    sent = lines.sent(evidence)
    expected = f"In every value {an(lines.noun)} as a JSON object, in UTF-8."
    _unless_foreign(evidence, lines, sent, expected)
    wrong = [each for each in sent if each.form not in {"same", "changed", "misread"}]
    _unless_wrong(evidence, lines, wrong, expected)


def values_equal_lines(evidence: Evidence, lines: Lines, *, but_for_nulls_of: str = "") -> None:
    """Expect that each value is a line's bytes, or JSON equal to it.

    Args:
        but_for_nulls_of: A field that may be anything where the line has null; `nulls_kept` judges it.
    """
    sent = lines.sent(evidence)
    expected = "In every value the bytes of a line of the file, or JSON in UTF-8 that is equal to it."
    _unless_foreign(evidence, lines, sent, expected)
    wrong = [each for each in sent if each.form != "same" and not _null_apart(each, but_for_nulls_of)]
    _unless_wrong(evidence, lines, wrong, expected)


def _null_apart(sent: Sent, field: str) -> bool:
    """Whether a value differs from its line only in a field that is null there."""
    if sent.form != "changed" or sent.line.content.get(field, "") is not None:
        return False
    return equal({**_content(sent), field: None}, sent.line.content)


def _content(sent: Sent) -> Mapping[str, Any]:
    return next(iter(readings(sent.record.value or b"")))[0]


def nulls_kept(evidence: Evidence, lines: Lines, *, field: str) -> None:
    """Expect that a field that is null in a line is null in its value, too."""
    nulls = [each for each in lines.sent(evidence) if each.line.content[field] is None]
    lost = [each for each in nulls if each.form == "changed" and _content(each).get(field, "") is not None]
    if not lost:
        return
    missing = field not in _content(lost[0])
    got = "missing" if missing else _json(_content(lost[0])[field], escaped=False)
    fail(
        f"{len(lost)} of {number(len(nulls), lines.noun)} with a `{field}` of null lost it: in "
        f"{lost[0].record.place} (line {lost[0].line.number}) it is {got}.",
        expected=f'`"{field}": null` wherever the line has it.',
        advice=f"Leave the field in: a missing `{field}` says something else than null."
        if missing
        else "Python's None becomes null with `json.dumps`: leave it None, without `or` and without `str()`.",
    )


def _unless_foreign(evidence: Evidence, lines: Lines, sent: Sequence[Sent], expected: str) -> None:
    """Fail where a value holds no line."""
    places = {each.record.place for each in sent}
    foreign = [record for record in evidence.of_topic(lines.topic) if record.place not in places]
    if foreign:
        fail(
            f"{some(len(foreign), len(foreign) + len(sent), 'value', 'holds', 'hold')} no line of the file: "
            f"the value of {foreign[0].place} is {shown(foreign[0].value)}.",
            expected=expected,
            advice=_advice_on_foreign(foreign[0]),
        )


def _unless_wrong(evidence: Evidence, lines: Lines, wrong: Sequence[Sent], expected: str) -> None:
    """Fail where there are values in a wrong form, of which the most frequent is named."""
    if wrong:
        form = Counter(each.form for each in wrong).most_common(1)[0][0]
        alike = [each for each in wrong if each.form == form]
        where = f"{alike[0].record.place} (line {alike[0].line.number})"
        count = len(lines.sent(evidence))
        fail(
            f"{some(len(alike), count, 'value', *FAULTS[form])}: {_example(lines, alike[0], where)}.",
            expected=expected,
            advice=_advice_on_form(evidence, form, alike[0].record.value or b""),
        )


def _advice_on_foreign(record: Record) -> str:
    if not (record.value or b"").strip():
        return "Text that ends with a newline, split at newlines, ends with an empty part; it is no line."
    return "Send the lines of the file and nothing else."


def _example(lines: Lines, example: Sent, where: str) -> str:
    value = example.record.value or b""
    if example.form == "twice":
        return f"{where} is a JSON text that holds the {lines.noun} as JSON"
    if example.form not in {"changed", "misread"}:
        return f"{where} is {shown(value)}"
    content, _ = next(iter(readings(value)))
    return f"in {where} {_difference(content, example.line.content)}"


def _difference(got: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    for field, value in wanted.items():
        if field not in got:
            null = ", which is null in the line," if value is None else ""
            return f"`{field}`{null} is missing"
        if not equal(got[field], value):
            # Two forms of one letter look alike; their escapes do not.
            alike = unicodedata.normalize("NFKC", f"{got[field]}") == unicodedata.normalize(
                "NFKC", f"{value}"
            )
            got_text, wanted_text = (_json(each, escaped=alike) for each in (got[field], value))
            return f"`{field}` is {got_text} instead of {wanted_text}"
    added = next(field for field in got if field not in wanted)
    return f"there is a field `{added}` that the line does not have"


def _json(value: object, *, escaped: bool) -> str:
    return f"`{json.dumps(value, ensure_ascii=escaped)[:SHOWN]}`"


def _advice_on_form(evidence: Evidence, form: Form, value: bytes) -> str:
    if form == "twice":
        where = line_calling(evidence, "dumps")
        advice = "A line of the file is JSON already: send its bytes, or parse it and dump it once."
        return f"{advice} {where}" if where else advice
    if form == "compressed":
        where = line_calling(evidence, "compress", "GzipFile")
        advice = "Send the line as it is, and let the producer compress: its setting packs whole batches, and"
        return f"{advice} whoever reads gets the lines back. {where}".strip()
    if form == "misread":
        return f"{READ_AS_UTF_8} {line_calling(evidence, *READING)}".strip()
    if form == "python" and value.startswith(b"b"):
        return "`str()` or an f-string of bytes gives `b'…'`: bytes can be sent as they are."
    return {
        "constant": "Leave what is null as None; `json.dumps(…, allow_nan=False)` refuses what is no JSON.",
        "python": "`str()` of a dict is no JSON: use `json.dumps(…).encode()`, or send the line as it is.",
        "encoding": 'Read with `encoding="utf-8"` and encode with `.encode()`, whose default is UTF-8.',
    }.get(form, "Send the line as it was read, with nothing changed, left out or added.")


def every_line_once(evidence: Evidence, lines: Lines) -> None:
    """Expect one record for each line of the file."""
    given, sent = lines.given(evidence), lines.sent(evidence)
    places: dict[int, list[str]] = {}
    for each in sent:
        places.setdefault(each.line.number, []).append(each.record.place)
    missing = [line for line in given if line.number not in places]
    doubled = [line for line in given if len(places.get(line.number, ())) > 1]
    expected = f"{number(len(given), 'record')}, one for each {lines.noun} of the file."
    if missing:
        cause, advice = next(why_missing(lines, missing, given))
        first = missing[0]
        if evidence.run.exit.code != 0:
            advice = NOT_AT_ITS_END
        which = "it is" if len(missing) == 1 else "the first of them is"
        fail(
            f"{some(len(missing), len(given), lines.noun, 'is', 'are')} not stored; {which} line "
            f"{first.number}, {lines.owner} “{lines.owner_of(first)}”. {cause}".strip(),
            expected=expected,
            advice=advice,
        )
    if doubled:
        first = doubled[0]
        fail(
            f"{some(len(doubled), len(given), lines.noun, 'is', 'are')} stored more than once; line "
            f"{first.number} is at {listed(places[first.number])}.",
            expected=expected,
            advice="Is there a second `send()` for the same line, or a loop that sends again what it "
            "believes lost? The client repeats by itself what did not arrive.",
        )
