"""Which records of a topic deserve a look: those of one key, strays, and breaks of order."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

from grader.model import Record

# selected: a record of the selected key on its own partition; stray: of the selected key on another one;
# other_stray: of another key that is on several partitions; disorder: stored after a later one of its key.
MarkKind = Literal["selected", "stray", "other_stray", "disorder"]
KeyCounts = Mapping[bytes, Mapping[int, int]]
Line = TypeVar("Line", bytes, "str | None")


@dataclass(frozen=True, slots=True)
class Mark:
    """Why a record is marked."""

    kind: MarkKind
    key: bytes | None


def partitions_of(records: Iterable[Record]) -> KeyCounts:
    """Return, by key, how many of its records each partition holds; records without a key are left out."""
    counts: dict[bytes, Counter[int]] = defaultdict(Counter)
    for record in records:
        if record.key is not None:
            counts[record.key][record.partition] += 1
    return counts


def scattered(counts: KeyCounts) -> tuple[bytes, ...]:
    """Return the keys on several partitions, those on the most first."""
    keys = [key for key, partitions in counts.items() if len(partitions) > 1]
    return tuple(sorted(keys, key=lambda key: (-len(counts[key]), -sum(counts[key].values()), key)))


def selected_key(counts: KeyCounts, breaks: Mapping[str, Mark] | None = None) -> bytes | None:
    """Return the key to look at: one that breaks a rule, else the one with the most records.

    There is none where nothing is broken and no key has a second record.

    Args:
        breaks: Breaks of order, by the place of the record.
    """
    broken = scattered(counts)
    if broken:
        return broken[0]
    disorder = Counter(mark.key for mark in (breaks or {}).values() if mark.key is not None)
    sizes = disorder or {key: sum(partitions.values()) for key, partitions in counts.items()}
    best = min(sizes, key=lambda key: (-sizes[key], key), default=None)
    return best if best is not None and (disorder or sizes[best] > 1) else None


def home(partitions: Mapping[int, int]) -> int:
    """Return the partition that holds the most records of a key, the lowest of equals."""
    return min(partitions, key=lambda partition: (-partitions[partition], partition))


def marks(records: Sequence[Record], breaks: Mapping[str, Mark] | None = None) -> dict[str, Mark]:
    """Return the marks of records, by place: of the selected key, of strays, and the given breaks."""
    counts = partitions_of(records)
    selected = selected_key(counts, breaks)
    homes = {key: home(partitions) for key, partitions in counts.items()}
    found: dict[str, Mark] = {}
    for record in records:
        if record.key is None:
            continue
        away = record.partition != homes[record.key]
        if record.key == selected:
            found[record.place] = Mark("stray" if away else "selected", record.key)
        elif away:
            found[record.place] = Mark("other_stray", record.key)
    return found | dict(breaks or {})


def order_breaks(records: Sequence[Record], lines: Sequence[bytes]) -> dict[str, Mark]:
    """Return a mark for each record that is stored after one of its key and partition from a later line.

    Args:
        records: By partition and offset.
        lines: What the program was to send, in order; a value belongs to the line that it equals, in
            bytes or as JSON.
    """
    position_of = _Positions(lines)
    latest: dict[tuple[int, bytes], int] = {}
    found: dict[str, Mark] = {}
    for record in records:
        position = None if record.value is None else position_of(record.value)
        if record.key is None or position is None:
            continue
        stream = (record.partition, record.key)
        if position < latest.get(stream, -1):
            found[record.place] = Mark("disorder", record.key)
        latest[stream] = max(position, latest.get(stream, -1))
    return found


class _Positions:
    """The number of the line that a value comes from; JSON is parsed only where bytes do not tell."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines
        self._by_bytes = _unique(lines)

    def __call__(self, value: bytes) -> int | None:
        found = self._by_bytes.get(value)
        return self._by_json.get(_canonical(value)) if found is None else found

    @cached_property
    def _by_json(self) -> Mapping[str | None, int]:
        return _unique([_canonical(line) for line in self._lines])


def _unique(lines: Sequence[Line]) -> dict[Line, int]:
    """Return the numbers of the lines that occur once: of twins, nobody can say which was stored."""
    times = Counter(lines)
    return {line: number for number, line in enumerate(lines) if line is not None and times[line] == 1}


def _canonical(data: bytes) -> str | None:
    try:
        return json.dumps(json.loads(data.decode()), sort_keys=True)
    except (ValueError, RecursionError):
        return None
