"""Requests, bytes and connections, nulls and compressed values, judged from evidence made by hand."""

import bz2
import dataclasses
import gzip
import json
import lzma
import zlib
from collections.abc import Callable, Sequence

import pytest

from grader import exercise, expect
from grader.expect.lines import decompressed
from grader.model import Evidence, Exit, PartitionRequest, Request
from tests.test_keys import ORDERS, Order, evidence_of, orders, right, said, sent_otherwise

DAY = orders(*(f"c-{number:03}" for number in range(400)))
MOST, SHARE = 4, 0.45
LOOP = 'for line in lines:\n    producer.send("orders", line)'
RIGHT = f'producer = KafkaProducer(compression_type="gzip")\n{LOOP}\n'


def produce(records: int, *, source: str = "127.0.0.1:1", partitions: int = 1) -> Request:
    """Return a request that carries so many records at 20 bytes each, in a batch a partition."""
    parts = tuple(
        PartitionRequest("orders", number, 20 * records // partitions) for number in range(partitions)
    )
    return Request("PRODUCE", 9, "c", "kafka-python 3.0.12", source, 1, -1, parts=parts)


def run_of(requests: Sequence[Request], *, source: str = RIGHT, day: Sequence[Order] = DAY) -> Evidence:
    """Return what a run left that stored all of a day's orders, in these requests."""
    return evidence_of([right(order) for order in day], day, source=source, requests=requests)


GOOD = run_of([produce(100)] * 4)


def requests_of(*evidence: Evidence) -> str:
    return said(lambda: expect.few_requests(evidence, ORDERS, most=MOST))


def bytes_of(*evidence: Evidence) -> str:
    return said(lambda: expect.few_bytes(evidence, ORDERS, share=SHARE))


def test_large_compressed_batches_on_one_connection_are_right() -> None:
    expect.few_requests((GOOD,), ORDERS, most=MOST)
    expect.few_bytes((GOOD,), ORDERS, share=SHARE)
    expect.one_connection(GOOD)
    expect.keeps_up(GOOD, ORDERS, most=MOST)


def test_the_better_of_two_runs_counts() -> None:
    busy = run_of([produce(1)] * 400)
    for runs in ((busy, GOOD), (GOOD, busy)):
        expect.few_requests(runs, ORDERS, most=MOST)
    heavy = run_of([dataclasses.replace(GOOD.requests[0], parts=(PartitionRequest("orders", 0, 10**6),))])
    expect.few_bytes((heavy, GOOD), ORDERS, share=SHARE)


def test_a_run_that_stored_nothing_is_not_the_better_one() -> None:
    nothing = evidence_of([], DAY)
    assert "400 records took 400" in requests_of(nothing, run_of([produce(1)] * 400))


def test_a_request_that_the_broker_refused_is_not_counted() -> None:
    refused = dataclasses.replace(
        produce(100), parts=(PartitionRequest("orders", 0, 10**6, "NOT_LEADER_OR_FOLLOWER"),)
    )
    made = run_of([refused, *GOOD.requests])
    expect.few_requests((made,), ORDERS, most=MOST)
    expect.few_bytes((made,), ORDERS, share=SHARE)


MANY = (
    (
        [produce(1)] * 400,
        f"{LOOP}.get(timeout=10)",
        "Each record travelled alone",
        "See line 2 of `producer.py`: `producer.send(",
    ),
    (
        [produce(1)] * 400,
        f"def deliver(line):\n    producer.send('orders', line)\n    producer.flush()\n{LOOP}",
        "Each record travelled alone",
        "See line 3 of `producer.py`: `producer.flush()`",
    ),
    (
        [produce(1, source=f"h:{number}") for number in range(400)],
        "for line in lines:\n    producer = KafkaProducer()\n    producer.send('orders', line)\n",
        "400 connections: a producer was made for every one or two requests",
        "See line 2 of `producer.py`: `producer = KafkaProducer()`",
    ),
    ([produce(10)] * 40, f"{LOOP}\n    time.sleep(0.1)", "The program pauses", "See line 3"),
    (
        [produce(10)] * 40,
        f"{LOOP}\n    if n % 10 == 0:\n        producer.flush()",
        "again and again",
        "line 4",
    ),
    (
        [produce(10)] * 40,
        f"producer = KafkaProducer(batch_size=1000)\n{LOOP}",
        "A batch held 10 records: it is sent as soon as it is full",
        "See line 1",
    ),
    (
        [dataclasses.replace(produce(10), parts=(PartitionRequest("orders", n % 3, 9),)) for n in range(40)],
        f"{LOOP}\nproducer.flush()",
        "each request brought one batch to one of 3 partitions",
        "`linger.ms`",
    ),
    (
        [produce(10, partitions=2)] * 40,
        f"{LOOP}\nproducer.flush()",
        "A batch held 5 records.",
        "linger_ms=50",
    ),
)


@pytest.mark.parametrize(("requests", "source", "cause", "advice"), MANY)
def test_why_there_were_many_requests_is_said(
    requests: Sequence[Request], source: str, cause: str, advice: str
) -> None:
    words = requests_of(run_of(requests, source=source))
    assert f"400 records took {len(requests)} Produce requests" in words
    assert "At most 4 requests for 400 orders: 100 or more in each." in words
    assert cause in words
    assert advice in words


def test_waiting_after_the_loop_and_looking_up_a_setting_are_no_waits_in_it() -> None:
    source = f'{LOOP}\n    os.environ.get("X")\nfor each in sent:\n    each.get(timeout=10)\nproducer.flush()'
    assert "again and again" not in requests_of(run_of([produce(10)] * 40, source=source))


def test_why_batches_are_heavy_is_said() -> None:
    heavy = dataclasses.replace(GOOD.requests[0], parts=(PartitionRequest("orders", 0, 10**6),))
    words = bytes_of(run_of([heavy], source=LOOP))
    assert "The batches had 1,000,000 bytes, " in words
    assert (
        "% of the 32,000 bytes of their lines. No batch was compressed: no client does that"
        in words.replace(
            f"{sum(len(json.dumps(order, ensure_ascii=False)) + 1 for order in DAY):,}", "32,000"
        )
    )
    assert "At most 45 %: " in words
    set_to_none = bytes_of(run_of([heavy], source="KafkaProducer(compression_type=None)"))
    assert "So no batch was compressed. " in set_to_none
    assert "See line 1 of `producer.py`: `KafkaProducer(compression_type=None)`" in set_to_none
    alone = [dataclasses.replace(heavy, parts=(PartitionRequest("orders", 0, 90),))] * 400
    assert "each held one record" in bytes_of(run_of(alone))
    small = [dataclasses.replace(heavy, parts=(PartitionRequest("orders", 0, 180),))] * 100
    assert "one held 4 records: few that are alike" in bytes_of(run_of(small))


def test_a_connection_a_broker_is_right_and_two_are_too_many() -> None:
    two = run_of([produce(200, source="h:1"), produce(200, source="h:2")], source="KafkaProducer()")
    words = said(lambda: expect.one_connection(two))
    assert "2 connections carried records to 1 broker: each producer has one of its own." in words
    assert "See line 1 of `producer.py`: `KafkaProducer()`." in words
    elsewhere = dataclasses.replace(produce(200, source="h:2"), broker=2)
    expect.one_connection(run_of([produce(200, source="h:1"), elsewhere]))


def test_a_program_that_is_too_slow_is_told_what_takes_the_time() -> None:
    made = evidence_of(
        [right(order) for order in DAY[:30]],
        DAY,
        source=f"{LOOP}.get()",
        requests=[produce(1)] * 30,
    )
    slow = dataclasses.replace(
        made, run=dataclasses.replace(made.run, exit=Exit("timed_out"), wall_limit_s=60.0)
    )
    words = said(lambda: expect.keeps_up(slow, ORDERS, most=MOST))
    assert "After 60 s, when the program was ended, 30 of 400 orders had been stored, in 30 " in words
    assert "Each record travelled alone" in words
    hanging = dataclasses.replace(slow, records=GOOD.records)
    expect.keeps_up(hanging, ORDERS, most=MOST)
    expect.keeps_up(dataclasses.replace(slow, requests=()), ORDERS, most=MOST)


COMPRESS = (gzip.compress, zlib.compress, bz2.compress, lzma.compress)


@pytest.mark.parametrize("compress", COMPRESS)
def test_a_value_compressed_by_hand_is_recognised(compress: Callable[[bytes], bytes]) -> None:
    made = sent_otherwise(lambda order: {"value": compress(json.dumps(order).encode())})
    expect.values_hold_lines(made, ORDERS)
    words = said(lambda: expect.values_equal_lines(made, ORDERS))
    assert "12 of 12 values were compressed by the program itself" in words
    assert "let the producer compress" in words


def test_what_unpacks_to_very_much_is_cut_and_what_is_none_is_nothing() -> None:
    assert 10_000_000 == len(decompressed(zlib.compress(bytes(50_000_000))))
    for value in (b"", b"{}", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00"):
        assert b"" == decompressed(value)


def with_comment(order: Order, comment: object) -> bytes:
    return json.dumps({**order, "coupon": comment}).encode()


def test_a_null_that_is_kept_is_right_whatever_else_changed() -> None:
    made = sent_otherwise(lambda order: {"value": json.dumps({**order, "item": "?"}).encode()})
    expect.nulls_kept(made, ORDERS, field="coupon")
    expect.values_are_json(made, ORDERS)
    words = said(lambda: expect.values_equal_lines(made, ORDERS, but_for_nulls_of="coupon"))
    assert '`item` is `"?"` instead of `"lamp"`' in words


@pytest.mark.parametrize(("comment", "told"), [("", 'it is `""`'), ("None", 'it is `"None"`')])
def test_a_null_turned_into_something_is_one_fault_and_not_two(comment: str, told: str) -> None:
    made = sent_otherwise(lambda order: {"value": with_comment(order, comment)})
    words = said(lambda: expect.nulls_kept(made, ORDERS, field="coupon"))
    assert "12 of 12 orders with a `coupon` of null lost it: in orders-" in words
    assert told in words
    expect.values_equal_lines(made, ORDERS, but_for_nulls_of="coupon")
    expect.values_are_json(made, ORDERS)


def test_a_null_left_out_is_told_so() -> None:
    made = sent_otherwise(
        lambda order: {"value": json.dumps({k: v for k, v in order.items() if v is not None}).encode()}
    )
    words = said(lambda: expect.nulls_kept(made, ORDERS, field="coupon"))
    assert "it is missing" in words
    assert "Leave the field in" in words


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (lambda order: json.dumps(json.dumps(order)).encode(), "12 of 12 values were encoded twice"),
        (lambda order: str(order).encode(), "are Python's notation and no JSON"),
        (lambda order: json.dumps(order).encode("utf-16"), "are not UTF-8"),
        (lambda _: b"\xff", "hold no line"),
    ],
)
def test_what_is_no_json_object_is_named(value: Callable[[Order], bytes], told: str) -> None:
    one = orders("Mara")[0]
    made = sent_otherwise(lambda order: {"value": value(order)})
    if told == "hold no line":
        made = evidence_of([right(one), (0, b"Mara", value(one))], [one])
        told = "1 of 2 values holds no line"
    assert told in said(lambda: expect.values_are_json(made, ORDERS))


def test_events_are_many_alike_and_each_its_own() -> None:
    (check, _), *_ = exercise.load("09_throughput", seed=7).rubric.checks
    scenario = exercise.load("09_throughput", seed=7).rubric.scenarios[0]
    content = scenario.files["events.jsonl"]
    events = [json.loads(line) for line in content.splitlines()]
    assert "program_ends" == check.id
    assert 20_000 == len(events) == len({event["event_id"] for event in events})
    assert 3_000_000 < len(content) < 4_500_000
    assert 0.15 > len(gzip.compress(content)) / len(content)
    assert any(event["note"] is None for event in events)
    assert len({event["device_id"] for event in events}) > 20
    again, few = exercise.load("09_throughput", seed=7).rubric.scenarios[1:]
    assert content == again.files["events.jsonl"]
    assert 500 == len(few.files["events.jsonl"].splitlines())
    assert content != exercise.load("09_throughput", seed=8).rubric.scenarios[0].files["events.jsonl"]
