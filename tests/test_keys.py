"""Keys, values, partitions and order, judged from evidence made by hand; experiments judged for real."""

import contextlib
import dataclasses
import json
import random
import re
import shutil
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2

from grader import drawing, exercise, expect, session
from grader.exercise import FOLDER
from grader.lane import Lane
from grader.model import Evidence, Exit, Record, Request, Run, Scenario, Submission, Topic
from grader.rubric import draw_for

ORDERS = expect.Lines(topic="orders", noun="order", identity="order_id", key="customer_id", owner="customer")
KEYS = tuple(f"key-{number}" for number in range(1, 11))
STICKINESS = "03_partition_stickiness"
PARTITIONS = 4

Sent = tuple[int, bytes | None, bytes | None]
Order = dict[str, Any]


def orders(*customers: str) -> list[Order]:
    return [
        {"order_id": f"o-{number:02}", "customer_id": customer, "item": "lamp", "coupon": None}
        for number, customer in enumerate(customers)
    ]


DAY = orders("Mara", "0042", "mara", "0042", "Mara", "佐藤", "Mara", "佐藤", "mara", "0042", "c d", "c d")


def evidence_of(  # noqa: PLR0913 - what differs between runs, each by name
    sent: Sequence[Sent],
    day: Sequence[Order] = (),
    *,
    topic: str = "orders",
    source: str = "",
    exit_code: int = 0,
    requests: Sequence[Request] = (),
) -> Evidence:
    """Return what a run left that stored these records: partition, key and value, in that order."""
    ends: Counter[int] = Counter()
    records = []
    for partition, key, value in sent:
        records.append(Record(topic, partition, ends[partition], 1, key, value))
        ends[partition] += 1
    file = "".join(f"{json.dumps(order, ensure_ascii=False)}\n" for order in day).encode()
    return Evidence(
        submission=Submission("x", {"producer.py": source.encode()}, ""),
        scenario=Scenario(
            name="healthy",
            title="",
            topics=(Topic(topic, PARTITIONS),),
            args=("day.jsonl",),
            files={"day.jsonl": file},
        ),
        run=Run(Exit("exited", exit_code), b"", b"", 0.1, 30),
        records=tuple(sorted(records, key=lambda record: (record.partition, record.offset))),
        requests=tuple(requests),
        topics={topic: PARTITIONS},
        bootstrap_servers="",
    )


def right(order: Order) -> Sent:
    key = order["customer_id"].encode()
    return zlib.crc32(key) % PARTITIONS, key, json.dumps(order).encode()


def sent_otherwise(change: Callable[[Order], Mapping[str, Any]], day: Sequence[Order] = DAY) -> Evidence:
    """Return the evidence of a program that sends all right but for `key`, `value` or `partition`."""
    sent = []
    for order in day:
        partition, key, value = right(order)
        other = change(order)
        sent.append((other.get("partition", partition), other.get("key", key), other.get("value", value)))
    return evidence_of(sent, day)


def said(check: Callable[[], None]) -> str:
    with pytest.raises(expect.Failure) as raised:
        check()
    feedback = raised.value.feedback
    assert not feedback.seen[0].islower() or "@" in feedback.seen.split()[0]
    assert feedback.expected
    assert feedback.advice
    return f"{feedback.seen} | {feedback.expected} | {feedback.advice}"


EVERY_CHECK = (
    expect.values_hold_lines,
    expect.values_equal_lines,
    expect.every_line_once,
    expect.keys_name_owners,
    expect.one_partition,
    expect.order_kept,
    expect.several_partitions,
)


def test_a_right_program_meets_every_expectation() -> None:
    made = sent_otherwise(lambda _: {})
    for check in EVERY_CHECK:
        check(made, ORDERS)
    expect.same_partitions(made, made, ORDERS)


@given(st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_any_interleaving_that_keeps_each_customers_order_is_right(chance: random.Random) -> None:
    queues: dict[str, list[Order]] = {}
    for order in DAY:
        queues.setdefault(order["customer_id"], []).append(order)
    homes = {customer: chance.randrange(PARTITIONS) for customer in queues}
    homes |= {"Mara": 0, "0042": 1}
    sent: list[Sent] = []
    while queues:
        customer = chance.choice(sorted(queues))
        order = queues[customer].pop(0)
        value = chance.choice((json.dumps(order), json.dumps(order, ensure_ascii=False, indent=1) + "\n"))
        sent.append((homes[customer], customer.encode(), value.encode()))
        if not queues[customer]:
            del queues[customer]
    made = evidence_of(sent, DAY)
    for check in EVERY_CHECK:
        check(made, ORDERS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: {"key": None}, "orders-.@0 holds an order of customer “.*”, and its key is null"),
        (lambda _: {"key": b"all"}, "its key is `all`, the same as in all other records"),
        (lambda _: {"key": b"customer_id"}, 'is the name of the field; the key is its value: `order\\["cust'),
        (lambda o: {"key": o["order_id"].encode()}, "its key is `o-..`, its `order_id`"),
        (lambda o: {"key": json.dumps(o).encode()}, "its key is the whole line"),
        (
            lambda o: {"key": json.dumps(o["customer_id"]).encode()},
            "its key `.*` is JSON: the quotation marks",
        ),
        (lambda o: {"key": str(o["customer_id"].encode()).encode()}, "is Python's notation"),
        (lambda o: {"key": o["customer_id"].encode() + b"\n"}, r"its key `.*\\n` ends with a line break"),
        (
            lambda o: {"key": o["customer_id"].lower().encode()},
            "“Mara”, and its key `mara` has other capitals",
        ),
        (
            lambda o: {"key": o["customer_id"].lstrip("0").encode()},
            "“0042”, and its key `42` has other zeros",
        ),
        (
            lambda o: {"key": o["customer_id"].replace(" ", "").encode()},
            "“c d”, and its key `cd` has other spa",
        ),
        (lambda o: {"key": o["customer_id"].encode("utf-16")}, "is not UTF-8"),
        (
            lambda o: {"key": o["customer_id"].encode("ascii", "replace")},
            "“佐藤”, and its key `\\?\\?` is not U",
        ),
        (
            lambda o: {"key": o["customer_id"].encode().decode("latin-1").encode()},
            "has letters that were read in another encoding than UTF-8",
        ),
        (lambda o: {"key": f"{o['customer_id']}-{id(o)}".encode()}, "has something added to it"),
        (lambda o: {"key": o["customer_id"][:2].encode()}, "is only a part of it"),
        (lambda o: {"key": b"%d" % (zlib.crc32(o["customer_id"].encode()) * 7)}, "its key is the number `"),
        (lambda o: {"key": b"\xff\x00" + o["item"].encode()}, r"its key is `b'\\xff\\x00lamp'`"),
    ],
)
def test_a_wrong_key_is_named(change: Callable[[Order], Mapping[str, Any]], words: str) -> None:
    made = sent_otherwise(change)
    assert re.search(words, said(lambda: expect.keys_name_owners(made, ORDERS)))


def test_a_wrong_keys_own_line_is_shown() -> None:
    source = "import json\nfor line in x:\n    key = order['customer_id'].lower()\n"
    made = sent_otherwise(lambda order: {"key": order["customer_id"].lower().encode()})
    made = dataclasses.replace(made, submission=Submission("x", {"producer.py": source.encode()}, ""))
    words = said(lambda: expect.keys_name_owners(made, ORDERS))
    assert "See line 3 of `producer.py`: `key = order['customer_id'].lower()`." in words
    assert "3 of 12 records" in words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda o: {"value": json.dumps(json.dumps(o)).encode()}, "12 of 12 values were encoded twice"),
        (lambda o: {"value": str(o).encode()}, "12 of 12 values are Python's notation"),
        (lambda o: {"value": str(json.dumps(o).encode()).encode()}, "12 of 12 values are Python's notation"),
        (lambda o: {"value": json.dumps(o).encode("utf-16")}, "12 of 12 values are not UTF-8"),
        (lambda o: {"value": json.dumps({**o, "coupon": float("nan")}).encode()}, "hold NaN or Infinity"),
        (
            lambda o: {"value": json.dumps(o, ensure_ascii=False).encode().decode("cp437").encode()},
            "values were read in another encoding than UTF-8",
        ),
        (
            lambda o: {"value": json.dumps({**o, "n": 1}).encode()},
            "there is a field `n` that the line does not",
        ),
        (
            lambda o: {"value": json.dumps({**o, "item": "tea"}).encode()},
            '`item` is `"tea"` instead of `"lamp"`',
        ),
        (
            lambda o: {"value": json.dumps({**o, "coupon": False}).encode()},
            "`coupon` is `false` instead of `null`",
        ),
        (
            lambda o: {"value": json.dumps({k: v for k, v in o.items() if v}).encode()},
            "`coupon`, which is null in the line, is missing",
        ),
        (
            lambda o: {"value": json.dumps({k: v for k, v in o.items() if k != "item"}).encode()},
            "`item` is missing",
        ),
    ],
)
def test_a_wrong_value_is_named_and_costs_nothing_else(
    change: Callable[[Order], Mapping[str, Any]], words: str
) -> None:
    made = sent_otherwise(change)
    assert words in said(lambda: expect.values_equal_lines(made, ORDERS))
    for check in EVERY_CHECK:
        if check is not expect.values_equal_lines:
            check(made, ORDERS)


def test_letters_that_are_one_byte_elsewhere_are_not_utf_8() -> None:
    day = orders("Zoë", "Zoë")
    made = sent_otherwise(lambda o: {"value": json.dumps(o, ensure_ascii=False).encode("latin-1")}, day)
    assert "2 of 2 values are not UTF-8" in said(lambda: expect.values_equal_lines(made, ORDERS))


def test_swapped_key_and_value_are_named() -> None:
    made = evidence_of([(p, value, key) for p, key, value in map(right, DAY)], DAY)
    assert "Key and value are swapped" in said(lambda: expect.values_hold_lines(made, ORDERS))


def test_values_that_hold_no_order_are_named() -> None:
    made = sent_otherwise(lambda order: {"value": order["item"].encode()})
    words = said(lambda: expect.values_hold_lines(made, ORDERS))
    assert "No value of the 12 records in `orders` holds an order of the file" in words


def test_orders_of_another_file_are_named() -> None:
    made = evidence_of([right({**order, "order_id": f"x-{order['order_id']}"}) for order in DAY], DAY)
    words = said(lambda: expect.values_hold_lines(made, ORDERS))
    assert "Is it an order of another file?" in words
    assert "here it was `day.jsonl`." in words


def test_a_record_beside_the_orders_is_named() -> None:
    made = evidence_of([*map(right, DAY), (3, b"", b"")], DAY)
    words = said(lambda: expect.values_equal_lines(made, ORDERS))
    assert "1 of 13 values holds no line of the file: the value of orders-3@" in words
    assert "ends with an empty part" in words
    expect.every_line_once(made, ORDERS)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (
            DAY[:-1],
            "1 of 12 orders is not stored; it is line 12, customer “c d”. It is the last",
        ),
        (DAY[1:], "It is the first line of the file."),
        (DAY[:7], "They are the last 5 lines of the file."),
        ([DAY[0], DAY[1], DAY[2], DAY[5], DAY[10]], "One order of each customer did arrive."),
        (
            [DAY[0], *DAY[2:5], *DAY[6:]],
            "2 of 12 orders are not stored; the first of them is line 2, customer “0042”",
        ),
    ],
)
def test_missing_orders_are_named_by_what_they_have_in_common(kept: Sequence[Order], words: str) -> None:
    made = evidence_of([right(order) for order in kept], DAY)
    assert words in said(lambda: expect.every_line_once(made, ORDERS))


def test_orders_missing_because_the_program_broke_off_are_told_so() -> None:
    made = evidence_of([right(order) for order in DAY[:7]], DAY, exit_code=1)
    words = said(lambda: expect.every_line_once(made, ORDERS))
    assert "They are the last 5 lines of the file." in words
    assert "The program did not come to its end" in words


def test_missing_orders_with_a_null_are_named() -> None:
    day = [
        {**order, "item": order["order_id"], "coupon": None if n % 3 == 1 else "x"}
        for n, order in enumerate(DAY)
    ]
    made = evidence_of([right(order) for order in day if order["coupon"]], day)
    words = said(lambda: expect.every_line_once(made, ORDERS))
    assert "4 of 12 orders are not stored" in words
    assert "They are all orders in which `coupon` is null." in words


def test_missing_orders_that_look_like_others_are_named() -> None:
    day = [{**order, "item": order["order_id"]} for order in DAY]
    day[4]["item"] = day[0]["item"]
    made = evidence_of([right(order) for order in day if order is not day[4]], day)
    words = said(lambda: expect.every_line_once(made, ORDERS))
    assert "Each equals an earlier order in everything but its `order_id`." in words


def test_doubled_orders_are_named_with_their_places() -> None:
    made = evidence_of([*map(right, DAY), right(DAY[1])], DAY)
    partition, last = right(DAY[1])[0], sum(right(order)[0] == right(DAY[1])[0] for order in DAY)
    words = said(lambda: expect.every_line_once(made, ORDERS))
    assert "1 of 12 orders is stored more than once; line 2 is at orders-" in words
    assert f"orders-{partition}@{last}" in words
    expect.order_kept(made, ORDERS)


def in_turn(order: Order) -> Mapping[str, Any]:
    return {"partition": int(order["order_id"][2:]) % PARTITIONS}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (in_turn, "The partitions follow the lines of the file in turn."),
        (
            lambda o: {"partition": zlib.crc32(o["order_id"].encode()) % 3, "key": None},
            "These records have no key",
        ),
        (
            lambda o: {"partition": zlib.crc32(o["order_id"].encode()) % 3, "key": o["order_id"].encode()},
            "Their keys differ: `o-",
        ),
        (
            lambda o: {"partition": zlib.crc32(o["order_id"].encode()) % 3},
            "Their key is the same, so the partition was not chosen by it.",
        ),
    ],
)
def test_customers_on_several_partitions_are_named(
    change: Callable[[Order], Mapping[str, Any]], words: str
) -> None:
    found = said(lambda: expect.one_partition(sent_otherwise(change), ORDERS))
    assert words in found
    assert re.search(
        r"^Customer “.*” is on partitions \d.* \(orders-\d@\d+.*\); \d of 5 customers are", found
    )


def test_one_partition_for_all_is_named() -> None:
    made = sent_otherwise(lambda _: {"partition": 2})
    words = said(lambda: expect.several_partitions(made, ORDERS))
    assert "All 12 records are on partition 2; `orders` has 4 partitions." in words
    expect.one_partition(made, ORDERS)
    same = sent_otherwise(lambda _: {"partition": 2, "key": b"all"})
    assert "All records have the same key, `all`" in said(lambda: expect.several_partitions(same, ORDERS))


def moved(change: Callable[[Order], Mapping[str, Any]], source: str = "") -> str:
    first = sent_otherwise(lambda _: {})
    first = dataclasses.replace(first, submission=Submission("x", {"producer.py": source.encode()}, ""))
    return said(lambda: expect.same_partitions(first, sent_otherwise(change), ORDERS))


def test_customers_that_move_between_runs_are_named() -> None:
    def next_door(order: Order) -> Mapping[str, Any]:
        return {"partition": (right(order)[0] + 1) % PARTITIONS}

    words = moved(next_door)
    home = right(DAY[0])[0]
    assert (
        f"5 of 5 customers moved: in the first run “Mara” was on partition {home}, in the second on " in words
    )
    hashed = moved(next_door, "key = b'x'\npartition = hash(customer) % 6\n")
    assert "Python's `hash()` of a text is another in every process." in hashed
    assert "See line 2 of `producer.py`: `partition = hash(customer) % 6`." in hashed
    assert "The partition depends on more than the key." in words
    drawn = moved(next_door, "homes.setdefault(customer, random.randrange(count))\n")
    assert "A partition that is drawn by chance is another in every run." in drawn
    assert "See line 1 of `producer.py`" in drawn


def test_keys_that_differ_between_runs_are_named() -> None:
    words = moved(lambda o: {"partition": (right(o)[0] + 1) % PARTITIONS, "key": b"9-" + right(o)[1]})  # type: ignore[operator]
    assert "The key was `Mara` in the first run, and `9-Mara` in the second." in words


def test_partitions_given_out_by_first_appearance_are_named() -> None:
    homes = {
        customer: turn % PARTITIONS
        for turn, customer in enumerate(dict.fromkeys(o["customer_id"] for o in DAY))
    }
    first = sent_otherwise(lambda order: {"partition": homes[order["customer_id"]]})
    second = sent_otherwise(lambda order: {"partition": (homes[order["customer_id"]] + 1) % PARTITIONS})
    words = said(lambda: expect.same_partitions(first, second, ORDERS))
    assert "The partitions follow the order in which the customers first appear" in words


def test_a_second_run_without_orders_is_named() -> None:
    first, second = sent_otherwise(lambda _: {}), evidence_of([], DAY)
    assert "The second run, on another file, stored no order" in said(
        lambda: expect.same_partitions(first, second, ORDERS)
    )


@pytest.mark.parametrize(
    ("day", "source", "words"),
    [
        (DAY[::-1], "", "Everything is in the reverse order."),
        (
            [DAY[4], DAY[0], *DAY[1:4], *DAY[5:]],
            "",
            "1 of 5 customers is out of order: of “Mara”, line 5 (orders-",
        ),
        (
            [DAY[4], DAY[0], *DAY[1:4], *DAY[5:]],
            "with ThreadPoolExecutor(4) as pool:\n    pool.map(send, lines)",
            "Records that are sent side by side overtake one another.",
        ),
        ([DAY[4], DAY[0], *DAY[1:4], *DAY[5:]], "random.shuffle(lines)", "See line 1 of `producer.py`"),
        ([DAY[4], DAY[0], *DAY[1:4], *DAY[5:]], "lines = set(file)", "A set keeps no order."),
        ([DAY[4], DAY[0], *DAY[1:4], *DAY[5:]], "sorted(set(file))", "file. See line 1 of `producer.py`"),
    ],
)
def test_a_broken_order_is_named(day: Sequence[Order], source: str, words: str) -> None:
    made = evidence_of([right(order) for order in day], DAY, source=source)
    assert words in said(lambda: expect.order_kept(made, ORDERS))


def test_sorted_orders_are_named() -> None:
    shuffled = [DAY[n] for n in (7, 3, 9, 0, 11, 5, 1, 8, 2, 10, 6, 4)]
    made = evidence_of([right(order) for order in DAY], shuffled)
    assert "They are sorted by `order_id`." in said(lambda: expect.order_kept(made, ORDERS))


def test_several_producers_are_named() -> None:
    requests = [Request("PRODUCE", 9, "p", "kafka-python", f"127.0.0.1:{port}", 1) for port in (1, 2, 1)]
    day = [DAY[4], DAY[0], *DAY[1:4], *DAY[5:]]
    made = evidence_of([right(order) for order in day], DAY, requests=requests)
    assert "2 connections carried records" in said(lambda: expect.order_kept(made, ORDERS))


def ten(*keys: bytes | None, value: bytes = b"v", source: str = "", exit_code: int = 0) -> Evidence:
    sent = [(0, key, value) for key in keys]
    return evidence_of(sent, topic="t", source=source, exit_code=exit_code)


TEN = tuple(key.encode() for key in KEYS)


def test_ten_keys_once_each_are_right_in_any_order() -> None:
    made = ten(*reversed(TEN))
    expect.as_many_records(made, "t", KEYS)
    expect.each_key_once(made, "t", KEYS)
    expect.values_not_empty(made, "t")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (TEN[:9], "9 records are stored in `t`. None of them has the key `key-10`."),
        ((b"key-0", *TEN), "11 records are stored in `t`. Beside the keys asked for there is `key-0`."),
        (TEN * 2, "20 records are stored in `t`. Each key is used more than once, `key-1` 2 times."),
        (TEN[9:], "1 record is stored in `t`. It is t-0@0, with the key `key-10`."),
        ((None,) * 9, "9 records are stored in `t`. Their keys: null."),
    ],
)
def test_a_wrong_number_of_records_is_named(keys: Sequence[bytes | None], words: str) -> None:
    assert said(lambda: expect.as_many_records(ten(*keys), "t", KEYS)).startswith(words)


def test_a_program_that_broke_off_is_told_so() -> None:
    made = ten(*TEN[:6], exit_code=1)
    assert "did not come to its end" in said(lambda: expect.as_many_records(made, "t", KEYS))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ([None] * 10, "10 of 10 records have no key."),
        ([b"key-1"] * 10, "All 10 records have the same key, `key-1`."),
        ([b"key-{i}"] * 10, "Write an `f` in front of the quotation marks"),
        ([b""] * 10, "All 10 records have an empty key."),
        ([b"key-%d" % n for n in range(10)], "t-0@0 has the key `key-0`; missing: `key-10`."),
        ([b"key-%02d" % n for n in range(1, 11)], "`key-01`. Held against `key-1`, it has other zeros"),
        ([b"Key-%d" % n for n in range(1, 11)], "`Key-1`. Held against `key-1`, it has other capitals"),
        ([b"key_%d" % n for n in range(1, 11)], "`key_1`. Held against `key-1`, it has other spaces"),
        ([b'"key-%d"' % n for n in range(1, 11)], "it is JSON: the quotation marks are part of it"),
        ([b"key-%d\n" % n for n in range(1, 11)], "it ends with a line break"),
        ([b"key-%d-x" % n for n in range(1, 11)], "it has something added to it"),
        ([b"%d" % n for n in range(1, 11)], "`1`. Held against `key-1`, it is only a part of it"),
        ([bytes([n]) for n in range(1, 11)], "t-0@0 has `\\x01`. | "),
        ([*TEN[:9], b"key-1"], "The key `key-1` is used 2 times (t-0@0 and t-0@9); missing: `key-10`."),
    ],
)
def test_wrong_keys_of_ten_are_named(keys: Sequence[bytes | None], words: str) -> None:
    assert words in said(lambda: expect.each_key_once(ten(*keys), "t", KEYS))


def test_swapped_keys_of_ten_are_named() -> None:
    made = evidence_of([(0, b"m %d" % n, key) for n, key in enumerate(TEN)], topic="t")
    assert "Key and value are swapped: t-0@0 has the key `m 0` and the value `key-1`." in said(
        lambda: expect.each_key_once(made, "t", KEYS)
    )


def test_keys_inside_the_values_are_named() -> None:
    made = evidence_of([(0, None, b'{"key": "%s"}' % key) for key in TEN], topic="t")
    assert "The keys stand in the values" in said(lambda: expect.each_key_once(made, "t", KEYS))


@pytest.mark.parametrize("value", [b"", None])
def test_empty_values_are_named(value: bytes | None) -> None:
    made = evidence_of([(0, key, value) for key in TEN], topic="t")
    shown = "empty" if value == b"" else "null"
    assert f"that of t-0@0 (key `key-1`) is {shown}." in said(lambda: expect.values_not_empty(made, "t"))


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.none() | st.binary(max_size=30), st.none() | st.binary(max_size=60))
    )
)
@settings(max_examples=50)
def test_whatever_is_stored_is_judged_and_never_an_error(sent: list[Sent]) -> None:
    made = evidence_of([*sent, right(DAY[0])], DAY)
    for check in EVERY_CHECK:
        with contextlib.suppress(expect.Failure):
            check(made, ORDERS)
    ten_made = evidence_of(sent, topic="t")
    for judge in (expect.as_many_records, expect.each_key_once):
        with contextlib.suppress(expect.Failure):
            judge(ten_made, "t", KEYS)


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return exercise.checks_module(FOLDER / STICKINESS / "checks.py")


def drawn(checks: ModuleType, seeds: range) -> Iterator[tuple[int, Sequence[Order], bytes]]:
    for seed in seeds:
        for conditions in (checks.healthy, checks.second_run):
            scenario = conditions(draw_for(seed, STICKINESS))
            content = scenario.files[scenario.args[0]]
            lines = content.decode().split("\n")
            assert lines.pop() == ""
            yield scenario.topics[0].partitions, [json.loads(line) for line in lines], content


def test_the_files_are_what_the_readme_says(checks: ModuleType) -> None:
    for partitions, day, content in drawn(checks, range(12)):
        assert partitions in range(3, 13)
        assert len(day) in range(300, 620)
        assert len(day) == len(content.decode().splitlines())
        assert len(day) == len({order["order_id"] for order in day})
        assert all(isinstance(order["customer_id"], str) and order["customer_id"] for order in day)
        assert any(order["coupon"] is None for order in day)
        for field in ("order_id", "customer_id"):
            values = [order[field] for order in day]
            assert values != sorted(values)
        alike = Counter(json.dumps({**order, "order_id": ""}, sort_keys=True) for order in day)
        assert max(alike.values()) > 1


@pytest.mark.parametrize(
    "hashed", [lambda key: murmur2(key) & 0x7FFFFFFF, zlib.crc32], ids=["murmur2", "crc32"]
)
def test_under_every_default_hash_customers_share_and_partitions_are_several(
    checks: ModuleType, hashed: Callable[[bytes], int]
) -> None:
    for partitions, day, _ in drawn(checks, range(12)):
        customers = {order["customer_id"] for order in day}
        homes = Counter(hashed(customer.encode()) % partitions for customer in customers)
        assert len(homes) > 1
        assert max(homes.values()) > 1


def tidy(text: str) -> str:
    return " ".join(text.split())


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def test_careless_code_makes_two_customers_one(checks: ModuleType) -> None:
    for _, day, _ in drawn(checks, range(10)):
        customers = {order["customer_id"] for order in day}
        for careless in (str.lower, lambda text: text.lstrip("0"), tidy, composed):
            assert len({careless(customer) for customer in customers}) < len(customers)


def test_equal_seeds_draw_equal_data_and_the_days_differ(checks: ModuleType) -> None:
    one, other = (checks.healthy(draw_for(7, STICKINESS)) for _ in range(2))
    assert one == other
    assert one.files == checks.stalled(draw_for(7, STICKINESS)).files
    next_day = checks.second_run(draw_for(7, STICKINESS))
    assert one.topics == next_day.topics
    assert one.args != next_day.args
    assert one.files != checks.healthy(draw_for(8, STICKINESS)).files


def test_what_is_drawn_is_text_that_survives_a_line() -> None:
    draw = random.Random(1)
    made = drawing.json_lines(
        draw, [{"id": name, "text": drawing.text(draw)} for name in drawing.ids(draw, "p")]
    )
    assert made.endswith(b"\n")
    assert made.decode().splitlines() == made.decode().split("\n")[:-1]


def test_the_written_answers_are_at_most_a_quarter_of_the_points() -> None:
    declared = [check for check, _ in exercise.load(STICKINESS, seed=1).rubric.checks]
    written = sum(each.max_points for each in declared if not {"healthy", "stalled"} & set(each.scenarios))
    assert written <= sum(each.max_points for each in declared) / 4


OTHER_PARTITIONERS = {
    "IgnoringKeys": (
        """class IgnoringKeys:
    turn = -1
    def partition(self, topic, key, cluster):
        self.turn += 1
        return self.turn % len(cluster.partitions_for_topic(topic))
""",
        {
            "same_key": 6,
            "null_key": "in_turn",
            "many_keys": "torn",
            "reading_order": "per_partition",
            "benefit": "nothing",
        },
    ),
    "AlwaysTheFirst": (
        "class AlwaysTheFirst:\n    def partition(self, topic, key, cluster):\n        return 0\n",
        {
            "same_key": 1,
            "null_key": "one",
            "many_keys": "together",
            "more_partitions": "stay",
            "reading_order": "as_sent",
            "benefit": "total_order",
        },
    ),
}


@pytest.mark.broker
@pytest.mark.parametrize("name", OTHER_PARTITIONERS)
def test_another_partitioner_in_the_experiments_changes_the_accepted_answers(
    tmp_path: Path, name: str
) -> None:
    source, truths = OTHER_PARTITIONERS[name]
    copied = shutil.copytree(FOLDER / STICKINESS, tmp_path / STICKINESS)
    for program in (copied / "experiments").iterdir():
        text = program.read_text(encoding="utf-8")
        changed = text.replace(
            "KafkaProducer(bootstrap_servers=servers)",
            f"KafkaProducer(bootstrap_servers=servers, partitioner={name}())",
        ).replace("\nservers =", f"\n{source}\n\nservers =")
        assert changed != text
        program.write_text(changed, encoding="utf-8")
    loaded = exercise.load(STICKINESS, seed=1, folder=tmp_path)
    lines = "".join(f"{claim} = {json.dumps(truth)}\n" for claim, truth in truths.items())
    handed_in = Submission(STICKINESS, {"answers.toml": lines.encode()}, "")
    judged = {}
    with session.workshop("local") as workshop:
        lane = Lane(workshop, 1)
        try:
            experiments = [each for each in loaded.rubric.scenarios if each.program]
            evidence = {each.name: lane.run(handed_in, each) for each in experiments}
        finally:
            lane.close()
    for check, function in loaded.rubric.checks:
        if check.id in truths:
            prediction: Any = function(*(evidence[each] for each in check.scenarios))
            judged[check.id] = prediction.correct
    assert dict.fromkeys(truths, True) == judged
