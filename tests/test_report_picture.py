"""Records as lanes by partition: marks that tell, gaps that show, and the same as tables."""

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Record, Topic
from grader.report import picture as drawing
from grader.report.marks import Mark, marks, order_breaks, partitions_of, scattered, selected_key
from grader.report.picture import picture
from grader.report.records import TopicView, topic_views
from tests import report_samples as samples

SVG = "{http://www.w3.org/2000/svg}"
LIMIT_BYTES = 200_000


def record(partition: int, offset: int, key: bytes | None, value: bytes | None = b"v") -> Record:
    return Record("t", partition, offset, 1, key, value)


def parsed(
    records: Sequence[Record], partitions: int = 3, marked: dict[str, Mark] | None = None
) -> ET.Element:
    """Return a picture as XML; that it parses is part of every test."""
    svg = picture(records, topic="t", partitions=partitions, marked=marked)
    return ET.fromstring(str(svg))  # noqa: S314 - made here


def texts(svg: ET.Element, kind: str) -> list[str]:
    return ["".join(each.itertext()) for each in svg.iter(f"{SVG}text") if each.get("class") == kind]


def view_of(
    records: Sequence[Record], partitions: int = 3, files: dict[str, bytes] | None = None
) -> TopicView:
    evidence = samples.evidence_of(records=records, topics=(Topic("t", partitions),), files=files)
    return topic_views(evidence)[0]


ROUND_ROBIN = [record(number % 3, number // 3, b"k") for number in range(6)]


def test_a_key_on_one_partition_has_no_strays_and_is_selected_by_its_number() -> None:
    records = [record(0, 0, b"a"), record(0, 1, b"b"), record(0, 2, b"b")]
    assert {"t-0@1": Mark("selected", b"b"), "t-0@2": Mark("selected", b"b")} == marks(records)


def test_no_key_is_selected_where_each_occurs_once() -> None:
    assert {} == marks([record(0, 0, b"a"), record(1, 0, b"b"), record(2, 0, None)])


def test_records_without_a_key_stray_nowhere() -> None:
    assert {} == marks([record(0, 0, None), record(1, 0, None), record(2, 0, None)])


def test_a_key_on_several_partitions_is_selected_and_its_strays_are_marked() -> None:
    records = [
        *(record(0, number, b"many") for number in range(5)),
        record(1, 0, b"c7"),
        record(1, 1, b"c7"),
        record(2, 0, b"c7"),
    ]
    assert {
        "t-1@0": Mark("selected", b"c7"),
        "t-1@1": Mark("selected", b"c7"),
        "t-2@0": Mark("stray", b"c7"),
    } == marks(records)


def test_strays_of_the_other_keys_are_marked_apart() -> None:
    records = [
        record(0, 0, b"a"),
        record(1, 0, b"a"),
        record(2, 0, b"a"),
        record(0, 1, b"b"),
        record(1, 1, b"b"),
    ]
    found = marks(records)
    assert "other_stray" == found["t-1@1"].kind
    assert "t-0@1" not in found
    assert (b"a", b"b") == scattered(partitions_of(records))


def test_a_key_whose_order_breaks_is_selected_before_one_with_more_records() -> None:
    records = [
        record(0, 0, b"a"),
        record(0, 1, b"a"),
        record(0, 2, b"a"),
        record(0, 3, b"b"),
        record(0, 4, b"b"),
    ]
    breaks = {"t-0@4": Mark("disorder", b"b")}
    assert b"b" == selected_key(partitions_of(records), breaks)
    assert {"t-0@3": Mark("selected", b"b"), **breaks} == marks(records, breaks)


KEY = st.sampled_from([b"a", b"b", b"c", b"", None])


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), KEY), max_size=60))
def test_marks_hold_for_any_records(pairs: list[tuple[int, bytes | None]]) -> None:
    records = [record(partition, offset, key) for offset, (partition, key) in enumerate(pairs)]
    counts = partitions_of(records)
    found = marks(records)
    by_place = {each.place: each for each in records}
    assert all(mark.key == by_place[place].key for place, mark in found.items())
    for key, partitions in counts.items():
        strays = [
            by_place[place] for place, mark in found.items() if mark.key == key and "stray" in mark.kind
        ]
        assert sum(partitions.values()) - max(partitions.values()) == len(strays)
    assert 1 >= len({mark.key for mark in found.values() if mark.kind in {"selected", "stray"}})


def lines(*numbers: int) -> list[bytes]:
    return [json.dumps({"n": number, "k": "a"}).encode() for number in numbers]


def test_a_record_stored_after_a_later_one_of_its_key_breaks_the_order() -> None:
    stored = [record(0, offset, b"a", value) for offset, value in enumerate(lines(0, 2, 1, 3))]
    assert {"t-0@2": Mark("disorder", b"a")} == order_breaks(stored, lines(0, 1, 2, 3))


def test_order_is_compared_within_a_key_and_a_partition_only() -> None:
    values = lines(0, 1, 2, 3)
    stored = [record(0, 0, b"a", values[2]), record(0, 1, b"b", values[1]), record(1, 0, b"a", values[0])]
    assert {} == order_breaks(stored, values)


def test_equal_json_counts_as_the_same_line() -> None:
    spelled = [
        json.dumps(json.loads(line), separators=(",", ":"), sort_keys=True).encode() for line in lines(1, 0)
    ]
    stored = [record(0, offset, b"a", value) for offset, value in enumerate(spelled)]
    assert ["t-0@1"] == list(order_breaks(stored, lines(0, 1)))


def test_lines_that_occur_twice_prove_nothing() -> None:
    twice = lines(0, 1, 0)
    stored = [record(0, offset, b"a", value) for offset, value in enumerate(twice)]
    assert {} == order_breaks(stored, twice)


@pytest.mark.parametrize("value", [b"\xff", b"[" * 100_000, b"9" * 10_000, b"", None, b"null"])
def test_values_that_are_no_line_break_no_order(value: bytes | None) -> None:
    assert {} == order_breaks([record(0, 0, b"a", value)], lines(0))


def test_a_picture_names_what_it_shows_for_those_who_do_not_see_it() -> None:
    svg = parsed(ROUND_ROBIN)
    assert "img" == svg.get("role")
    assert "Records of t by partition" == svg.findtext(f"{SVG}title")
    assert (
        "6 records on 3 of 3 partitions. Key “k” is on partitions 0, 1 and 2; 1 key in all is on several."
        == svg.findtext(f"{SVG}desc")
    )


def test_every_partition_has_a_lane_with_its_number_of_records() -> None:
    svg = parsed([record(0, 0, b"a"), record(0, 1, b"b"), record(9, 0, b"c")], partitions=4)
    assert ["partition 0", "partition 1", "partition 2", "partition 3", "partition 9"] == texts(svg, "lane")
    assert ["2", "0", "0", "0", "1"] == texts(svg, "count")


def test_few_records_are_cards_with_their_keys_or_values() -> None:
    svg = parsed([record(0, 0, b"key-1"), record(0, 1, None, b"Hello, Kafka!")])
    assert ["key-1"] == texts(svg, "key")
    assert ["Hello, Kafka!"] == texts(svg, "value")


def test_marks_differ_by_shape_and_are_told_on_hovering() -> None:
    records = [record(offset % 2, offset, b"k" if offset in {3, 30, 40} else None) for offset in range(60)]
    svg = parsed(records, marked=marks(records) | {"t-0@2": Mark("disorder", b"k")})
    shapes = {
        each.get("class"): each.get("d") for each in svg.iter() if each.get("class", "").startswith("mark ")
    }
    assert {"mark selected", "mark stray", "mark disorder"} == set(shapes)
    outlines = {re.sub(r"M\S+ \S+?(?=[a-z])", "", str(shape)) for shape in shapes.values()}
    assert 3 == len(outlines)
    told = [each.text for each in svg.iter(f"{SVG}title")]
    assert "t-1@3, key k: the selected key, off its partition" in told


def test_a_gap_in_the_offsets_is_a_gap_in_the_lane() -> None:
    whole, gap = (
        [record(0, offset, None) for offset in range(40)],
        [record(0, offset, None) for offset in range(40)],
    )
    del gap[20]
    left = [float(x) for x in re.findall(r"M([\d.]+) ", neutral(parsed(gap)))]
    steps = [round(after - before, 1) for before, after in itertools.pairwise(left)]
    assert [20] == [number + 1 for number, step in enumerate(steps) if step > 1.5 * min(steps)]
    assert 40 == neutral(parsed(whole)).count("M")


def neutral(svg: ET.Element) -> str:
    return "".join(each.get("d", "") for each in svg.iter() if each.get("class") == "neutral")


def test_offsets_need_not_begin_at_zero() -> None:
    svg = parsed([record(0, 1_000_000 + offset, None) for offset in range(30)])
    assert ["1,000,000", "1,000,005"] == texts(svg, "axis")[:2]
    assert all(drawing.LABEL_WIDTH <= float(x) for x in re.findall(r"M([\d.]+) ", neutral(svg)))


@pytest.mark.parametrize("scatter", [False, True])
@pytest.mark.parametrize("partitions", [3, 12])
def test_20_000_records_are_summarised(partitions: int, scatter: bool) -> None:
    records = samples.keyed(20_000, partitions=partitions, scatter=scatter)
    svg = picture(records, topic="orders", partitions=partitions)
    assert LIMIT_BYTES / 4 > len(svg.encode())
    assert drawing.BINS * partitions >= neutral(parsed(records, partitions)).count("M") > drawing.BINS


def test_20_000_keys_that_all_stray_are_summarised_too() -> None:
    records = [
        record(partition, offset, f"k{(offset * 7 + partition) % 5_000}".encode())
        for partition in range(12)
        for offset in range(1_667)
    ]
    assert LIMIT_BYTES / 2 > len(picture(records, topic="t", partitions=12).encode())
    view = view_of(records, 12)
    assert 150 > len(view.rows)
    assert 5_000 - len(view.keys) == view.more_keys


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2_000), st.binary(max_size=9) | st.none()),
        min_size=1,
        max_size=80,
        unique_by=lambda drawn: drawn[:2],
    )
)
def test_any_records_make_a_picture_that_parses_and_keeps_inside_its_frame(
    drawn: list[tuple[int, int, bytes | None]],
) -> None:
    records = [record(*each) for each in sorted(drawn, key=lambda each: each[:2])]
    svg = parsed(records, 4)
    end = drawing.LABEL_WIDTH + drawing.PLOT_WIDTH + drawing.COUNT_WIDTH
    points = [float(x) for each in svg.iter() for x in re.findall(r"M([\d.]+) ", each.get("d", ""))]
    assert all(0 <= x <= end for x in points)


def test_the_tables_say_what_the_picture_shows() -> None:
    view = view_of([*ROUND_ROBIN, record(2, 4, None)])
    assert [(0, 2, 0, 1, 0, 1), (1, 2, 0, 1, 0, 1), (2, 3, 0, 4, 2, 1)] == [
        (row.number, row.records, row.first, row.last, row.empty_offsets, row.keys)
        for row in view.by_partition
    ]
    assert ["2: key “k”", "2: key “k”, off its partition"] == [row.marked for row in view.by_partition][:2]
    assert [("k", 6, 0, "1 (2) and 2 (2)")] == [
        (row.key, row.records, row.home, row.elsewhere) for row in view.keys
    ]
    assert ["key “k”", "key “k”, off its partition"] == [row.text for row in view.legend]
    assert 7 == len(view.rows)


def test_of_many_records_the_ends_of_each_partition_and_the_strays_are_listed() -> None:
    records = samples.keyed(6_000, scatter=True)
    evidence = samples.evidence_of(records=records, topics=(Topic("orders", 6),))
    view = topic_views(evidence)[0]
    assert 60 > len(view.rows)
    assert 6_000 == len(view.rows) + sum(row.left_out for row in view.rows) + view.left_out_at_end
    assert {0, 1, 2, 3, 4, 5} == {int(row.place.split("-")[1].split("@")[0]) for row in view.rows}
    assert any("off its partition" in row.mark for row in view.rows)


def test_order_is_held_against_the_file_that_the_program_was_given() -> None:
    values = lines(*range(4))
    stored = [record(0, offset, b"a", values[number]) for offset, number in enumerate((0, 2, 1, 3))]
    view = view_of(stored, files={"ORDERS.jsonl": b"\n".join(values) + b"\n"})
    assert ["", "", "stored after a later record of its key", ""] == [
        row.mark.replace("key “a”", "") for row in view.rows
    ]


def test_null_and_empty_are_told_apart() -> None:
    view = view_of([record(0, 0, None, None), record(0, 1, b"", b"")])
    assert [(None, None), ("", "")] == [(row.key, row.value) for row in view.rows]


def test_headers_are_listed_up_to_a_handful() -> None:
    headers = tuple((f"h{number}", None if number else b"v") for number in range(10_000))
    view = view_of([replace(record(0, 0, b"k"), headers=headers)])
    assert view.rows[0].headers.startswith("h0=v, h1=null, ")
    assert view.rows[0].headers.endswith("… 10,000 headers in all")


def test_a_topic_that_nobody_asked_for_is_shown_after_the_ones_that_were() -> None:
    evidence = replace(
        samples.evidence_of(records=[Record("test_topci", 0, 0, 1, None, b"x")]),
        topics={"test_topci": 1, "test_topic": 3, "elsewhere": 1},
    )
    views = topic_views(evidence)
    assert [("test_topic", True, 0), ("test_topci", False, 1)] == [
        (view.name, view.expected, view.total) for view in views
    ]
