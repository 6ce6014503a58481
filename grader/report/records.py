"""The records of one topic for the page: the picture, and the same as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.model import Evidence, Record
from grader.report.marks import (
    Mark,
    MarkKind,
    home,
    marks,
    order_breaks,
    partitions_of,
    scattered,
    selected_key,
)
from grader.report.picture import ORDER, SAID, Lanes, picture, shape
from grader.report.text import count, listed, trimmed

ALL_ROWS = 60  # a table of up to so many records is shown whole
EDGE_ROWS = 2  # of each partition, at either end, when it is not
MARKED_ROWS = 24
KEY_ROWS = 12
LINES_SUFFIX = ".jsonl"

Words = Mapping[MarkKind, str]


@dataclass(frozen=True)
class PartitionRow:
    """One partition in figures.

    Attributes:
        empty_offsets: Offsets between the first and the last that hold no record.
        marked: How many records carry which mark, in words.
    """

    number: int
    records: int
    first: int | None
    last: int | None
    empty_offsets: int
    keys: int
    marked: str


@dataclass(frozen=True)
class KeyRow:
    """One key on several partitions: its home, and where else it is."""

    key: str
    records: int
    home: int
    elsewhere: str


@dataclass(frozen=True)
class RecordRow:
    """One record.

    Attributes:
        left_out: How many records between the row before and this one are not shown.
    """

    place: str
    key: str | None
    value: str | None
    headers: str
    mark: str
    left_out: int = 0


@dataclass(frozen=True)
class LegendRow:
    """One kind of mark: its shape and what it says."""

    shape: Markup
    text: str


@dataclass(frozen=True)
class TopicView:
    """One topic's records as a page shows them."""

    name: str
    expected: bool
    total: int
    partitions: int
    picture: Markup
    legend: Sequence[LegendRow]
    by_partition: Sequence[PartitionRow]
    keys: Sequence[KeyRow]
    more_keys: int
    rows: Sequence[RecordRow]
    left_out_at_end: int

    @property
    def headers(self) -> bool:
        """Return whether any listed record has headers."""
        return any(row.headers for row in self.rows)


def topic_views(evidence: Evidence) -> tuple[TopicView, ...]:
    """Return a view of each topic that holds records, or that the scenario made."""
    expected = {topic.name: topic.partitions for topic in evidence.scenario.topics}
    found = {record.topic for record in evidence.records}
    names = [*expected, *sorted(found - expected.keys())]
    lines = _lines(evidence)
    return tuple(
        _topic_view(
            name,
            evidence.of_topic(name),
            partitions=evidence.topics.get(name, expected.get(name, 0)),
            expected=name in expected,
            lines=lines,
        )
        for name in names
    )


def _lines(evidence: Evidence) -> Sequence[bytes]:
    files = [data for name, data in evidence.scenario.files.items() if name.endswith(LINES_SUFFIX)]
    return [line for data in files for line in data.split(b"\n") if line]


def _topic_view(
    name: str, records: Sequence[Record], *, partitions: int, expected: bool, lines: Sequence[bytes]
) -> TopicView:
    breaks = order_breaks(records, lines)
    marked = marks(records, breaks)
    lanes = Lanes(records, partitions, marked)
    counts = partitions_of(records)
    broken = scattered(counts)
    words = _words(selected_key(counts, breaks))
    rows, left_out = _rows(lanes, words)
    return TopicView(
        name=name,
        expected=expected,
        total=len(records),
        partitions=len(lanes.by_partition),
        picture=picture(records, topic=name, partitions=partitions, marked=marked) if records else Markup(),
        legend=_legend(marked, words),
        by_partition=[
            _partition_row(number, held, marked, words) for number, held in lanes.by_partition.items()
        ],
        keys=[_key_row(key, counts[key]) for key in broken[:KEY_ROWS]],
        more_keys=max(0, len(broken) - KEY_ROWS),
        rows=rows,
        left_out_at_end=left_out,
    )


def _words(selected: bytes | None) -> Words:
    """Return what each mark says of this topic's records."""
    key = "" if selected is None else f"key “{trimmed(selected, 40)}”"
    return {**SAID, "selected": key, "stray": f"{key}, off its partition"}


def _legend(marked: Mapping[str, Mark], words: Words) -> list[LegendRow]:
    kinds = {mark.kind for mark in marked.values()}
    return [LegendRow(shape(kind, 7, 7), words[kind]) for kind in ORDER if kind in kinds]


def _partition_row(
    number: int, held: Sequence[Record], marked: Mapping[str, Mark], words: Words
) -> PartitionRow:
    offsets = [record.offset for record in held]
    found = [marked[record.place].kind for record in held if record.place in marked]
    return PartitionRow(
        number=number,
        records=len(held),
        first=min(offsets, default=None),
        last=max(offsets, default=None),
        empty_offsets=max(offsets) - min(offsets) + 1 - len(held) if held else 0,
        keys=len({record.key for record in held if record.key is not None}),
        marked=", ".join(f"{found.count(kind):,}: {words[kind]}" for kind in ORDER if kind in found),
    )


def _key_row(key: bytes, counts: Mapping[int, int]) -> KeyRow:
    own = home(counts)
    elsewhere = [f"{number} ({held:,})" for number, held in sorted(counts.items()) if number != own]
    return KeyRow(trimmed(key), sum(counts.values()), own, listed(elsewhere))


def _rows(lanes: Lanes, words: Words) -> tuple[list[RecordRow], int]:
    """Return the records to be listed, and how many are left out after the last of them."""
    chosen = _chosen(lanes)
    rows: list[RecordRow] = []
    before = -1
    for index in chosen:
        record = lanes.records[index]
        mark = lanes.marked.get(record.place)
        rows.append(_record_row(record, words[mark.kind] if mark else "", left_out=index - before - 1))
        before = index
    return rows, len(lanes.records) - before - 1


def _chosen(lanes: Lanes) -> Sequence[int]:
    """Return which records are listed: all of a few; of many, both ends of each partition and the marked."""
    if len(lanes.records) <= ALL_ROWS:
        return range(len(lanes.records))
    chosen = set()
    end = 0
    for held in lanes.by_partition.values():
        begin, end = end, end + len(held)
        chosen |= {
            index for index in range(begin, end) if index - begin < EDGE_ROWS or end - index <= EDGE_ROWS
        }
    telling = [
        index
        for index, record in enumerate(lanes.records)
        if record.place in lanes.marked and lanes.marked[record.place].kind != "selected"
    ]
    return sorted(chosen | set(telling[:MARKED_ROWS]))


def _record_row(record: Record, mark: str, *, left_out: int) -> RecordRow:
    headers = [
        f"{name}={'null' if value is None else trimmed(value, 30)}" for name, value in record.headers[:6]
    ]
    if len(record.headers) > len(headers):
        headers.append(f"… {count(len(record.headers), 'header')} in all")
    return RecordRow(
        place=record.place,
        key=None if record.key is None else trimmed(record.key),
        value=None if record.value is None else trimmed(record.value),
        headers=", ".join(headers),
        mark=mark,
        left_out=left_out,
    )
