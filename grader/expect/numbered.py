"""Expectations on a few records whose keys are given beforehand, such as `key-1` … `key-10`."""

from collections import Counter
from collections.abc import Iterator, Sequence

from grader.expect.failure import fail
from grader.expect.keys import Cause, advice_on, cause_of
from grader.expect.wording import NOT_AT_ITS_END, listed, number, shown, some
from grader.model import Evidence, Record

GIVE_A_KEY = "Give each record one: `send(topic, key=…, value=…)`."

Said = tuple[str, str]


def as_many_records(evidence: Evidence, topic: str, keys: Sequence[str]) -> None:
    """Expect as many records as there are keys."""
    records = evidence.of_topic(topic)
    if len(records) != len(keys):
        seen, advice = next(_why_not_as_many(records, keys))
        if evidence.run.exit.code != 0:
            advice = NOT_AT_ITS_END
        verb = "is" if len(records) == 1 else "are"
        fail(
            f"{number(len(records), 'record')} {verb} stored in `{topic}`. {seen}",
            expected=f"{len(keys)} records.",
            advice=advice,
        )


def _why_not_as_many(records: Sequence[Record], keys: Sequence[str]) -> Iterator[Said]:
    counts = Counter(record.key for record in records)
    missing = [key for key in keys if key.encode() not in counts]
    more = [key for key in counts if key not in {each.encode() for each in keys}]
    if len(records) == 1:
        seen = f"It is {records[0].place}, with the key {shown(records[0].key)}."
        yield seen, "Does `send()` stand inside the loop, indented under `for`?"
    if not missing and not more and min(counts.values()) > 1:
        seen = f"Each key is used more than once, `{keys[0]}` {counts[keys[0].encode()]} times."
        yield seen, "Is there a second `send()` in the loop, or does the loop run twice?"
    in_loop = f"`range(1, {len(keys) + 1})` counts from 1 to {len(keys)}: the second number is not reached."
    if missing and len(missing) < len(keys) and not more:
        yield f"None of them has the key {listed([f'`{key}`' for key in missing])}.", in_loop
    if more and len(more) < len(counts):
        yield f"Beside the keys asked for there is {listed([shown(key) for key in more])}.", in_loop
    yield f"Their keys: {listed([shown(key) for key in counts])}.", "Count the turns of the loop."


def each_key_once(evidence: Evidence, topic: str, keys: Sequence[str]) -> None:
    """Expect each of these keys in one record, and no other key."""
    records = evidence.of_topic(topic)
    if Counter(record.key for record in records) != Counter(key.encode() for key in keys):
        seen, advice = next(_why_not_once(evidence, records, keys))
        fail(seen, expected=f"The keys `{keys[0]}`, `{keys[1]}` … `{keys[-1]}`, each once.", advice=advice)


def _why_not_once(evidence: Evidence, records: Sequence[Record], keys: Sequence[str]) -> Iterator[Said]:
    wanted = {key.encode() for key in keys}
    used = Counter(record.key for record in records)
    wrong = sorted(
        (record for record in records if record.key not in wanted), key=lambda each: each.key or b""
    )
    missing = listed([f"`{key}`" for key in keys if key.encode() not in used])
    if None not in used and _are_swapped(records, keys):
        seen = f"{wrong[0].place} has the key {shown(wrong[0].key)} and the value {shown(wrong[0].value)}"
        advice = (
            "In kafka-python's `send(topic, value, key)` the value comes first; name both: `key=…, value=…`."
        )
        yield f"Key and value are swapped: {seen}.", advice
    if None in used:
        inside = all(any(key in (record.value or b"") for key in wanted) for record in records)
        told = " The keys stand in the values, where they choose no partition." if inside else ""
        yield f"{some(used[None], len(records), 'record', 'has', 'have')} no key.{told}", GIVE_A_KEY
    if len(used) == 1:
        same = f"the same key, {shown(records[0].key)}" if records[0].key else "an empty key"
        yield f"All {len(records)} records have {same}.", _advice_on_same(records)
    if not wrong and used:
        key = used.most_common(1)[0][0]
        places = [record.place for record in records if record.key == key]
        seen = f"The key {shown(key)} is used {len(places)} times ({listed(places)}); missing: {missing}."
        yield seen, "Make each key from the loop's own counter."
    if len(wrong) == 1:
        advice = f"`range({len(keys)})` counts from 0; `range(1, {len(keys) + 1})` from 1 to {len(keys)}."
        yield f"{wrong[0].place} has the key {shown(wrong[0].key)}; missing: {missing}.", advice
    seen = f"{some(len(wrong), len(records), 'record', 'has', 'have')} a key that was not asked for"
    if not wrong:
        yield f"Missing: {missing}.", GIVE_A_KEY
    cause, nearest = _cause(wrong[0], keys)
    if cause:
        example = f"{wrong[0].place} has {shown(wrong[0].key)}. Held against `{nearest}`, it {cause.what}"
        yield f"{seen}: {example}.", advice_on(evidence, cause)
    advice = "`bytes([5])` makes one byte of a number; a text is made bytes with `.encode()`."
    if len(wrong[0].key or b"") > 1:
        advice = "Compare it with the task letter by letter."
    yield f"{seen}: {wrong[0].place} has {shown(wrong[0].key)}.", advice


def _are_swapped(records: Sequence[Record], keys: Sequence[str]) -> bool:
    """Whether the keys asked for stand in the values, and the keys are nothing like them."""
    wanted = {key.encode() for key in keys}
    in_values = sum(record.value in wanted for record in records)
    alike = any(record.key in wanted or _cause(record, keys)[0] for record in records)
    return 2 * in_values > len(records) and not alike


def _cause(record: Record, keys: Sequence[str]) -> tuple[Cause | None, str]:
    """Return what the record's key shows when it is held against the key that it is nearest to."""
    found = [(cause_of(record.key or b"", key), key) for key in sorted(keys, key=len, reverse=True)]
    return next(((cause, key) for cause, key in found if cause), (None, ""))


def _advice_on_same(records: Sequence[Record]) -> str:
    if records[0].key == b"":
        return 'An empty key is a key like any other. Make it in the loop: `f"key-{number}".encode()`.'
    if b"{" in (records[0].key or b""):
        return "Write an `f` in front of the quotation marks, so that the braces are replaced."
    return 'Make the key inside the loop, from its counter: `f"key-{number}"`.'


def values_not_empty(evidence: Evidence, topic: str) -> None:
    """Expect a value in each record, of at least one byte."""
    records = evidence.of_topic(topic)
    empty = [record for record in records if not record.value]
    if empty:
        fail(
            f"{some(len(empty), len(records), 'record', 'has', 'have')} no value: that of "
            f"{empty[0].place} (key {shown(empty[0].key)}) is {shown(empty[0].value)}.",
            expected="A value of at least one byte in every record.",
            advice="Give `send()` a value beside the key. A null value has a meaning of its own in Kafka: "
            "that the key is deleted.",
        )
