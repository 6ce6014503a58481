"""Each lab run once on a real broker; and what is said of figures, with other figures."""

import contextlib
import dataclasses
import gc
import html.parser
import logging
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import confluent_kafka
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.errors import KafkaTimeoutError
from kafka.partitioner import murmur2 as kafkas_murmur2

from grader import labs
from grader.errors import GraderError, UsageError
from grader.labs import (
    acks,
    batching,
    bootstrap,
    durability,
    formats,
    idempotence,
    keys,
    missing_topic,
    page,
    partitions,
    plot,
    serialization,
    stage,
    terminal,
)
from grader.labs.finding import Finding, Table
from grader.labs.spread import Spread, in_turn
from grader.labs.stage import Stage
from grader.model import Record, Topic

KIT = Path(__file__).parent.parent
NAMES = {
    "acks",
    "batching",
    "bootstrap",
    "durability",
    "idempotence",
    "keys",
    "missing-topic",
    "partitions",
    "serialization",
}
SEED = 7
# kafka-python 3.0.12 leaves sockets of refused connections, and of failed constructors, to the collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module")
def one_broker() -> Iterator[Stage]:
    """Return a stage of one broker for all labs of this file."""
    with stage.stages() as stage_of:
        yield stage_of(1)
    gc.collect()


@pytest.fixture(scope="module")
def three_brokers() -> Iterator[Stage]:
    """Return a stage of three brokers for all labs of this file."""
    with stage.stages() as stage_of:
        yield stage_of(3)
    gc.collect()


# --- found by file, asked for by name ---


def test_every_module_with_a_lab_is_a_lab_by_its_name() -> None:
    assert labs.find().keys() == NAMES


def test_a_new_lab_is_a_new_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one_more.py").write_text("from grader.labs import keys\nLAB = keys.LAB\n")
    monkeypatch.setattr(labs, "__path__", [*labs.__path__, str(tmp_path)])
    assert NAMES | {"one-more"} == labs.find().keys()


def test_a_lab_that_is_not_there_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        labs.main(["partition"], tmp_path / "report", SEED)
    assert "There is no lab “partition”." == refused.value.message
    assert refused.value.cure.startswith("Did you mean “partitions”? There are: acks, batching, ")
    assert not (tmp_path / "report").exists()


def test_every_lab_and_nothing_else_is_documented() -> None:
    documented = re.findall(r"^\| `([a-z-]+)` \|", (KIT / "docs" / "labs.md").read_text(), re.MULTILINE)
    assert sorted(NAMES) == documented


# --- each run once on a broker ---


def whole(name: str, figures: object) -> Finding:
    """Show figures, and hold the finding to what every finding has to be."""
    lab = labs.find()[name]
    finding = lab.show(figures)
    width = len(finding.table.columns)
    assert {width} == {len(row) for row in finding.table.rows}
    assert 1 == len(re.findall(r"\.(?=\s|$)", finding.sentence)), finding.sentence
    assert_self_contained(page.page(name, lab.question, lab.programs, finding))
    return finding


@pytest.mark.broker
def test_keys_on_a_broker(one_broker: Stage) -> None:
    figures = keys.measure(one_broker, random.Random(SEED))
    of = {each.topic: each for each in figures}
    assert keys.SHOWN.keys() == of.keys()
    same = ("same-key", "same-key-confluent", "same-key-aiokafka", "empty-key")
    assert dict.fromkeys(same, (1, 60)) == {name: (of[name].used, sum(of[name].counts)) for name in same}
    assert of["same-key"].counts == of["same-key-aiokafka"].counts
    assert (10,) * 6 == of["explicit-partition"].counts
    assert (6, 600) == (of["no-key"].used, sum(of["no-key"].counts))
    assert 1 <= of["no-key"].in_a_row < 1.5
    assert of["no-key-sticky"].in_a_row > 50
    assert (6_000, 6) == (sum(of["no-key-sticky-long"].counts), of["no-key-sticky-long"].used)
    assert of["no-key-sticky-long"].in_a_row > 50
    assert of["no-key-confluent"].in_a_row > 10
    sentence = whole("keys", figures).sentence
    assert sentence.startswith("The same key kept to one partition with each client, while 600 records")


@pytest.mark.broker
def test_partitions_on_a_broker(one_broker: Stage) -> None:
    figures = partitions.measure(one_broker, random.Random(SEED))
    assert dict.fromkeys(figures.agreed, 40) == figures.agreed
    assert figures.before == figures.left
    assert 8 <= figures.moved <= 32  # of 40, each with even chances
    assert {0, 3} == {figures.after[key] - place for key, place in figures.before.items()}
    assert f"(3 → 6), {figures.moved} of 40 keys go" in whole("partitions", figures).sentence


@pytest.mark.broker
def test_missing_topic_on_a_broker(one_broker: Stage) -> None:
    figures = missing_topic.measure(one_broker, random.Random(SEED))
    own = [each for each in figures.attempts if each.client == "kafka-python"]
    assert [("send()", "KafkaTimeoutError")] * 3 == [(each.call, each.raised) for each in own]
    assert [0.5, 1.0, 2.0] == [pytest.approx(each.after.median, abs=0.4) for each in own]
    others = {each.client: (each.call, each.raised) for each in figures.attempts[3:]}
    assert {
        "confluent-kafka": ("flush()", "UNKNOWN_TOPIC_OR_PART"),
        "aiokafka": ("send()", "UnknownTopicOrPartitionError"),
    } == others
    assert not figures.exists
    assert figures.asked >= len(figures.attempts)
    assert "send() raised KafkaTimeoutError" in whole("missing-topic", figures).sentence


@pytest.mark.broker
def test_bootstrap_on_a_broker(one_broker: Stage) -> None:
    figures = bootstrap.measure(one_broker, random.Random(SEED))
    assert (one_broker.servers,) == figures.found
    assert figures.given not in figures.found
    *live, in_vain = figures.contacts
    assert ["1 live", "1 dead and 1 live", "2 dead and 1 live", "1 dead"] == [
        each.listed for each in figures.contacts
    ]
    sent = [(0, bootstrap.RECORDS * (len(each.trials) - each.failed)) for each in figures.contacts]
    assert sent == [(each.at_given, each.at_brokers) for each in figures.contacts]
    assert [bootstrap.ROUNDS] * 3 == [len(each.trials) for each in live]
    assert 0 == live[0].failed
    assert ["KafkaTimeoutError"] == [each.raised for each in in_vain.trials]
    assert 2.0 <= in_vain.longest_s < 4.0
    assert whole("bootstrap", figures).sentence.startswith("One given address led to 1 broker, and ")


@pytest.mark.broker
def test_idempotence_on_a_broker(one_broker: Stage) -> None:
    figures = idempotence.measure(one_broker, random.Random(SEED))
    assert [10] * 6 == [each.distinct for each in figures]
    of = {(each.client, each.idempotence): each for each in figures}
    assert [0, 0, 0] == [each.doubled for each in figures if each.idempotence]
    assert 10 == of["kafka-python", False].doubled
    assert 10 == of["confluent-kafka", False].doubled
    assert 10 == of["kafka-python", True].confirmed
    assert of["kafka-python", True].requests >= 2
    assert "had become 10 with idempotence and 20 without" in whole("idempotence", figures).sentence


@pytest.mark.broker
def test_serialization_on_a_broker(one_broker: Stage) -> None:
    figures = serialization.measure(one_broker, random.Random(SEED))
    of = {each.name: each for each in figures.wires}
    assert [each.name for each in formats.present()] == list(of)
    for each in figures.wires:
        assert each.value_bytes < each.plain_bytes
        assert each.gzip_bytes < each.plain_bytes
    assert ("all read", "all read", "300 KeyError", "4.5, no error") == outcomes(of["JSON"])
    assert "300 ValueError" == of["text"].old_reads_new
    assert of["text"].value_bytes < 0.7 * of["JSON"].value_bytes
    if "fastavro" not in figures.missing:
        assert ("all read", "all read", "all read", "4, no error") == outcomes(of["Avro"])
        assert "all read" != of[formats.AVRO_BLIND.name].old_reads_new
        assert of["Avro"].value_bytes < 0.7 * of["JSON"].value_bytes
    if "protobuf" not in figures.missing:
        assert ("all read", "all read", "all read", "TypeError when written") == outcomes(of["Protobuf"])
        assert of["Protobuf"].value_bytes < 0.7 * of["JSON"].value_bytes
    whole("serialization", figures)


def outcomes(wire: serialization.Wire) -> tuple[str, str, str, str]:
    """Return what became of reading, and of a half."""
    return wire.same, wire.old_reads_new, wire.new_reads_old, wire.half


@pytest.mark.broker
def test_batching_on_a_broker(one_broker: Stage) -> None:
    figures = batching.measure(one_broker, random.Random(SEED))
    assert [each.topic for each in (*batching.CONDITIONS, *batching.SLOW)] == list(figures)
    assert 1.0 == figures["await-each"].records_a_request
    assert figures["small"].records_a_request < figures["defaults"].records_a_request
    assert figures["defaults"].records_a_request < figures["large"].records_a_request
    assert figures["large"].share > 1
    assert figures["gzip"].share < 0.5
    assert figures["slow-50"].requests < figures["slow-0"].requests
    fast, slow = figures["defaults"].rate, figures["await-each"].rate
    assert fast is not None
    assert slow is not None
    assert slow.below(fast)
    assert "Waiting for each record put 1.0 into a request and reached" in whole("batching", figures).sentence


@pytest.mark.broker
def test_acks_on_three_brokers(three_brokers: Stage) -> None:
    figures = acks.measure(three_brokers, random.Random(SEED))
    assert [(place, each) for place in acks.PLACES for each in acks.ALL] == list(figures)
    late = {each: figures[acks.PLACES[-1], each].wait for each in acks.ALL}
    assert late[0].below(late["all"])
    assert late[1].below(late["all"])
    assert late["all"].low >= acks.DELAY_S
    assert late[1].median < late["all"].median
    assert whole("acks", figures).sentence.endswith("so all takes longer.")


@pytest.mark.broker
def test_durability_on_three_brokers(three_brokers: Stage) -> None:
    one, every = durability.measure(three_brokers, random.Random(SEED))
    assert (durability.SENT, 0, durability.SENT) == (one.acknowledged, one.stored, one.lost)
    assert (0, 0) == (every.acknowledged, every.lost)
    assert "20 of these are gone; with acks=all" in whole("durability", (one, every)).sentence
    # Whoever is next finds the cluster whole.
    three_brokers.replication.cluster.check_alive()
    nodes = (durability.LEADER, durability.FOLLOWER)
    three_brokers.make(Topic("next", 1, replicas=(nodes,)))
    with contextlib.closing(three_brokers.broker.topics()) as topics:
        assert (frozenset(nodes),) == topics.in_sync()["next"]


@pytest.mark.broker
def test_one_broker_copies_nothing(one_broker: Stage) -> None:
    with pytest.raises(ValueError, match="ask for a stage of three"):
        _ = one_broker.replication


@pytest.mark.broker
def test_a_lab_by_its_name_prints_and_writes_the_same_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == labs.main(["partitions"], tmp_path / "report", SEED)
    printed = capsys.readouterr()
    assert "" == printed.err
    page_path = tmp_path / "report" / "lab-partitions.html"
    assert [page_path] == list((tmp_path / "report").iterdir())
    assert f"  {page_path}" in printed.out.splitlines()
    assert printed.out.startswith("partitions: How is a key's partition computed")
    moved = re.search(r"\d+ of 40\s+keys go", " ".join(printed.out.split()))
    assert moved is not None
    assert moved[0] in text_of(page_path.read_text(encoding="utf-8"))


@pytest.mark.broker
def test_equal_seeds_draw_equal_keys(one_broker: Stage) -> None:
    first, second = (partitions.measure(one_broker, random.Random(SEED)) for _ in range(2))
    assert first == second


# --- the sentence follows the figures ---

MANY = (90, 110, 100, 95, 105, 100)


def placed(same: Sequence[int], free: Sequence[int], sticky: Sequence[int]) -> list[keys.Placed]:
    counts = {name: tuple(same) for name in keys.SHOWN} | {
        "no-key": tuple(free),
        "no-key-sticky": tuple(sticky),
    }
    return [keys.Placed(name, each, 2.0) for name, each in counts.items()]


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (placed((60, 0), MANY, (600, 0)), "kept to one partition with each client, while 600 records"),
        (
            placed((30, 30), MANY, (600, 0)),
            "did not keep to one partition (kafka-python 2, confluent-kafka 2,",
        ),
        (
            placed((60, 0), (600, 0), (600, 0)),
            "600 records without a key went to 1 of 6 partitions, 2.0 in a row",
        ),
        (placed((60, 0), MANY, (300, 200, 100)), "the sticky partitioner put 600 of them on 3, 2 in a row"),
    ],
)
def test_keys_says_what_the_figures_say(figures: list[keys.Placed], said: str) -> None:
    assert said in keys.sentence(figures)


def test_in_a_row_is_counted_in_the_order_of_sending() -> None:
    sent_to = [0, 0, 1, 1, 1, 0]
    records = [Record("t", place, number, 0, None, b"%d" % number) for number, place in enumerate(sent_to)]
    stored = sorted(records, key=lambda each: (each.partition, each.offset))
    assert keys.Placed("t", (3, 3, 0, 0, 0, 0), 2.0) == keys.placed("t", stored)


def test_partitions_says_what_the_figures_say() -> None:
    before = {b"a": 0, b"b": 1}
    hashed = {key: partitions.predicted(key, 3) for key in before}
    later = {key: partitions.predicted(key, 6) for key in before}
    confluent = {key: partitions.predicted_confluent(key, 3) for key in before}
    true = partitions.Figures(hashed, hashed, later, hashed, confluent)
    moved = sum(hashed[key] != later[key] for key in before)
    assert "told the place of all 2 keys" in partitions.sentence(true)
    assert f"{moved} of 2 keys go to another" in partitions.sentence(true)
    assert "all records sent earlier are where they were" in partitions.sentence(true)
    lost = dataclasses.replace(true, left={b"a": hashed[b"a"]})
    assert "only 1 of 2 records sent earlier" in partitions.sentence(lost)
    wrong = (hashed[b"b"] + 1) % 3
    other = dataclasses.replace(true, before={b"a": hashed[b"a"], b"b": wrong})
    assert "told the place of 1 of 2 keys" in partitions.sentence(other)
    assert f"{wrong} (not {hashed[b'b']})" in partitions.show(other).table.rows[1]


@given(st.binary(max_size=40))
def test_the_hash_that_is_shown_is_kafkas(key: bytes) -> None:
    assert kafkas_murmur2(key) == partitions.murmur2(key)
    assert zlib.crc32(key) % 6 == partitions.predicted_confluent(key, 6)


def attempts(*waits: float, call: str = "send()", exists: bool = False) -> missing_topic.Figures:
    return missing_topic.Figures(
        tuple(
            missing_topic.Attempt(
                "kafka-python", "max_block_ms", limit, 60.0, call, "KafkaTimeoutError", Spread.of([wait])
            )
            for limit, wait in zip((0.5, 1.0), waits, strict=True)
        ),
        asked=9,
        exists=exists,
    )


def test_missing_topic_says_what_the_figures_say() -> None:
    true = missing_topic.sentence(attempts(0.5, 1.0))
    assert "send() raised KafkaTimeoutError after 0.5, 1.0 s at max_block_ms 500, 1,000, so max_block" in true
    assert true.endswith("its default means 60 s; no topic was made.")
    assert "which max_block_ms alone does not explain" in missing_topic.sentence(attempts(0.5, 9.0))
    assert "get() raised" in missing_topic.sentence(attempts(0.5, 1.0, call="get()"))
    assert missing_topic.sentence(attempts(0.5, 1.0, exists=True)).endswith("the topic was made meanwhile.")
    mixed = attempts(0.5, 1.0)
    one = dataclasses.replace(mixed.attempts[0], call="get()")
    mixed = dataclasses.replace(mixed, attempts=(one, mixed.attempts[1]))
    assert "what raised was not always the same call" in missing_topic.sentence(mixed)


class Sender:
    """Something with calls that raise."""

    def send(self) -> None:
        raise KafkaTimeoutError("too long")


def test_the_call_that_raised_is_the_one_in_the_program() -> None:
    with pytest.raises(KafkaTimeoutError) as raised:
        Sender().send()
    assert "send()" == missing_topic.raising_call(raised.value)
    assert "KafkaTimeoutError" == missing_topic.error_name(raised.value)
    report = confluent_kafka.KafkaException(confluent_kafka.KafkaError(confluent_kafka.KafkaError.NO_ERROR))
    assert "NO_ERROR" == missing_topic.error_name(report)
    assert ("none", "nothing") == (missing_topic.raising_call(None), missing_topic.error_name(None))


def costs(one: Spread, every: Spread) -> acks.Figures:
    rate = Spread.of([1_000.0])
    waits: dict[acks.Acks, Spread] = {0: Spread.of([0.001]), 1: one, "all": every}
    return {(place, each): acks.Cost(waits[each], rate) for place in acks.PLACES for each in acks.ALL}


def test_acks_says_what_the_figures_say() -> None:
    short, long, wide = Spread.of([0.002]), Spread.of([0.05]), Spread.of([0.001, 0.06])
    assert "on 1 replica 2.0 and 50.0 ms, so all takes longer; on" in acks.sentence(costs(short, long))
    assert acks.sentence(costs(long, short)).endswith("50.0 and 2.0 ms, so all takes less.")
    assert acks.sentence(costs(short, wide)).endswith("2.0 and 30.5 ms, which is inconclusive.")


@pytest.mark.parametrize(
    ("one", "every", "said"),
    [
        ((20, 0), (0, 0), "0 of these are gone, so it promised nothing that it did not keep."),
        ((20, 0), (20, 20), "0 of these are gone, so it promised nothing that it did not keep."),
        ((20, 0), (20, 5), "15 of these are gone, so it lost what it had acknowledged, too."),
        ((20, 20), (0, 0), "so this run is inconclusive: nothing was lost either way."),
    ],
)
def test_durability_says_what_the_figures_say(
    one: tuple[int, int], every: tuple[int, int], said: str
) -> None:
    def figure(topic: str, told: int, stored: int) -> durability.Survived:
        values = [b"payment %d" % number for number in range(told)]
        return durability.survived(topic, values, [b"first", *values[:stored]])

    figures = (figure("acks-1", *one), figure("acks-all", *every))
    assert f"{one[0] - one[1]} of these are gone; with acks=all" in durability.sentence(figures)
    assert durability.sentence(figures).endswith(said)


def contacts(alone: float, beside: float, *, brokers: int = 1, at_given: int = 0) -> bootstrap.Figures:
    def contact(dead: int, first_s: float) -> bootstrap.Contact:
        return bootstrap.Contact(dead, 1, (bootstrap.Trial(first_s, "", at_given, 140 - at_given),))

    found = tuple(f"127.0.0.1:{number}" for number in range(brokers))
    in_vain = bootstrap.Contact(1, 0, (bootstrap.Trial(2.0, "KafkaTimeoutError", 0, 0),))
    three = (contact(0, alone), contact(1, beside), contact(2, alone))
    return bootstrap.Figures("127.0.0.1:9", found, (*three, in_vain))


def test_bootstrap_says_what_the_figures_say() -> None:
    slow = bootstrap.sentence(contacts(0.01, 0.5))
    assert "led to 1 broker, and 420 of 420 Produce requests" in slow
    assert "took up to 500 ms with a dead address in the list and up to 10 ms without" in slow
    same = bootstrap.sentence(contacts(0.01, 0.012, brokers=3, at_given=40))
    assert "led to 3 brokers, and 300 of 420 Produce requests" in same
    assert "no longer with a dead address in the list (12 ms) than without (10 ms)" in same


@pytest.mark.parametrize(
    ("with_it", "without", "said"),
    [
        (10, 20, "so idempotence is what keeps a retry from being stored twice."),
        (10, 10, "so this run is inconclusive: nothing was stored twice either way."),
        (12, 20, "so idempotence did not prevent doubles in this run."),
    ],
)
def test_idempotence_says_what_the_figures_say(with_it: int, without: int, said: str) -> None:
    figures = [
        idempotence.Retried(
            "kafka-python", idempotence=on, confirmed=10, requests=2, stored=stored, distinct=10
        )
        for on, stored in ((True, with_it), (False, without))
    ]
    sentence = idempotence.sentence(figures)
    assert f"had become {with_it} with idempotence and {without} without" in sentence
    assert sentence.endswith(said)


def test_idempotence_names_what_was_called_failed_and_is_stored() -> None:
    figures = [
        idempotence.Retried("aiokafka", idempotence=False, confirmed=0, requests=1, stored=10, distinct=10),
        idempotence.Retried(
            "kafka-python", idempotence=True, confirmed=10, requests=2, stored=10, distinct=10
        ),
        idempotence.Retried(
            "kafka-python", idempotence=False, confirmed=10, requests=2, stored=10, distinct=10
        ),
    ]
    named = [note for note in idempotence.show(figures).notes if "called failed" in note]
    assert 1 == len(named)
    assert named[0].startswith("aiokafka, idempotence off: 10 records were called failed, and 10 of 10")


def wire(name: str, *, newer: str = "all read", older: str = "all read") -> serialization.Wire:
    return serialization.Wire(name, 40.0, 50.0, 20.0, "all read", newer, older, "4, no error")


def test_serialization_says_what_the_figures_say() -> None:
    def said(*wires: serialization.Wire) -> str:
        return serialization.sentence(serialization.Figures(wires, 300, ()))

    one = said(wire("JSON", older="300 KeyError"), wire("Avro"))
    assert "A review took 40 bytes as JSON, 40 bytes as Avro (and 20, 20 within" in one
    assert one.endswith("Avro let either read everything that the other had written.")
    assert "JSON and Avro let either" in said(wire("JSON"), wire("Avro"))
    assert "no format let either" in said(wire("JSON", newer="300 KeyError"))


def test_formats_whose_package_is_missing_are_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "fastavro", None)
    monkeypatch.setattr(formats, "descriptor_pb2", None)
    assert [formats.TEXT, formats.JSON] == list(formats.present())
    figures = serialization.Figures((wire("JSON"),), 300, formats.missing())
    notes = serialization.show(figures).notes
    assert ("Avro is left out: the package fastavro is not installed.") in notes
    assert ("Protobuf is left out: the package protobuf is not installed.") in notes


@pytest.mark.parametrize("each", formats.present(), ids=lambda each: each.name)
def test_a_format_gives_back_what_it_was_given(each: formats.Format) -> None:
    review = {"product_id": "p-0042", "user_id": "Ольга", "rating": 4, "verified": True, "comment": "良い"}
    assert review == each.read(each.write(review, formats.NEW), formats.NEW, formats.NEW)


def test_what_came_of_reading_is_counted() -> None:
    read = {b"1": {"a": 1}, b"2": {"a": 2}}.__getitem__
    assert "all read" == serialization.outcome(read, [b"1", b"2"], [{"a": 1}, {"a": 2}])
    seen = serialization.outcome(read, [b"1", b"2", b"3"], [{"a": 1}, {"a": 1}, {}])
    assert "1 KeyError, 1 read, 1 read wrongly" == seen


def batched(topic: str, requests: int, *rates: float, share: float = 1.1) -> batching.Batched:
    condition = next(each for each in (*batching.CONDITIONS, *batching.SLOW) if each.topic == topic)
    spread = Spread.of(rates) if rates else None
    return batching.Batched(condition, 6_000, requests, int(share * 1_000), 1_000, spread)


def ways(waiting: float) -> batching.Figures:
    figures = [
        batched("await-each", 6_000, waiting),
        batched("defaults", 30, 9_000.0, 11_000.0),
        batched("large", 6, 20_000.0),
        batched("gzip", 6, 20_000.0, share=0.2),
        batched("slow-0", 90),
        batched("slow-50", 4),
    ]
    return {each.condition.topic: each for each in figures}


def test_batching_says_what_the_figures_say() -> None:
    slow = batching.sentence(ways(200.0))
    assert "put 1.0 into a request and reached 200 instead of 10,000 records a second; large" in slow
    assert "carried 1,000 records a request where the defaults carried 200, gzip made 20% of" in slow
    assert slow.endswith("took 4 requests with linger_ms=50 and 90 with linger_ms=0.")
    same = batching.sentence(ways(10_000.0))
    assert "whether it is slower than waiting once is inconclusive in this run" in same


# --- median and spread ---


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_the_interval_holds_the_median_and_is_made_of_measurements(measured: list[float]) -> None:
    spread = Spread.of(measured)
    assert spread.low <= spread.median <= spread.high
    assert {spread.low, spread.high} <= set(measured)
    assert len(measured) == spread.runs


@pytest.mark.parametrize(
    # Ranks of the interval for the median at 95 %, as tables of the sign test have them.
    ("count", "lowest", "highest"),
    [(5, 1, 5), (6, 1, 6), (8, 1, 8), (9, 2, 8), (12, 3, 10), (25, 8, 18)],
)
def test_the_interval_is_that_of_the_sign_test(count: int, lowest: int, highest: int) -> None:
    spread = Spread.of([float(number) for number in range(1, count + 1)])
    assert (lowest, highest) == (spread.low, spread.high)


def test_intervals_that_meet_tell_nothing_apart() -> None:
    low, middle, high = Spread.of([1.0, 3.0]), Spread.of([3.0, 5.0]), Spread.of([6.0])
    assert low.below(high)
    assert not high.below(low)
    assert low.meets(middle)
    assert not middle.meets(high)
    assert not high.meets(middle)


def test_conditions_take_turns_at_being_first() -> None:
    assert ["a", "b", "c", "b", "c", "a", "c", "a", "b"] == list(in_turn("abc", 3))


# --- plots, pages, terminal ---

EVIL = "<script>alert('1 & 2')</script>"


def drawings() -> dict[str, str]:
    spread = Spread.of([1.0, 2.0, 4.0])
    return {
        "bars": plot.bars(EVIL, [plot.Bar(EVIL, 2.0, "2 s"), plot.Bar("b", spread, EVIL, mark=True)]),
        "no bars": plot.bars("nothing", []),
        "zero bars": plot.bars("zero", [plot.Bar("a", 0, "0")]),
        "grid": plot.grid(EVIL, {EVIL: (1, 0), "none": (0, 0)}, [EVIL, "partition 1"]),
        "flows": plot.flows(EVIL, {(0, 0): 3, (0, 1): 2}, [EVIL], ["partition 0", EVIL]),
    }


@pytest.mark.parametrize("name", drawings())
def test_a_plot_is_whole_and_its_texts_are_texts(name: str) -> None:
    drawn = drawings()[name]
    picture = ET.fromstring(drawn)  # noqa: S314 - our own
    assert "svg" == picture.tag
    assert picture.findtext("title") == picture.get("aria-label")
    assert "<script" not in drawn
    box = [float(each) for each in (picture.get("viewBox") or "").split()]
    for each in picture.iter():
        for across in ("x", "x1", "x2", "cx"):
            assert 0 <= float(each.get(across, 0)) <= box[2]
        for down in ("y", "y1", "y2", "cy"):
            assert 0 <= float(each.get(down, 0)) <= box[3]


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    rows = [plot.Bar("a", 1.0, "1"), plot.Bar("b", Spread.of([2.0, 4.0]), "3")]
    picture = ET.fromstring(plot.bars("lengths", rows))  # noqa: S314 - our own
    one, three = (float(each.get("width", 0)) for each in picture.iter("rect"))
    assert 3 == pytest.approx(three / one, rel=1e-3)
    whiskers = [each for each in picture.iter("line") if each.get("y1") == each.get("y2")]
    assert 2 == pytest.approx(
        (float(whiskers[0].get("x2", 0)) - float(whiskers[0].get("x1", 0))) / one, rel=1e-3
    )


class Reader(html.parser.HTMLParser):
    """Collects the elements, attributes and text of a page; every element has to be closed."""

    VOID = ("meta", "path", "rect", "line", "circle")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


def read(written: str) -> Reader:
    reader = Reader()
    reader.feed(written)
    reader.close()
    assert [] == reader.open
    return reader


def text_of(written: str) -> str:
    return " ".join(" ".join(read(written).text).split())


def assert_self_contained(written: str) -> None:
    """Nothing is loaded, nothing runs."""
    names = {name for _, name, _ in read(written).attributes}
    assert set() == names & {"src", "href", "srcset", "data", "style", "onclick", "onload"}
    assert "<script" not in written
    assert "@import" not in written
    assert "url(http" not in written
    assert "default-src 'none'; style-src 'sha256-" in html.unescape(written)


def evil_program() -> str:
    """A program whose text <b>has to be shown</b>, not obeyed."""
    return EVIL


def test_a_page_shows_everything_and_nothing_acts() -> None:
    finding = Finding(Table((EVIL, "n"), ((EVIL, "5"),)), plot.bars(EVIL, []), f"{EVIL}.", (EVIL,))
    written = page.page("name", EVIL, [evil_program], finding)
    assert_self_contained(written)
    # In title, heading, sentence, the plot twice, column, cell and note.
    assert 8 == text_of(written).count(EVIL)
    assert "A program whose text <b>has to be shown</b>" in text_of(written)
    assert ("td", "class", "number") in read(written).attributes


def test_a_table_is_aligned_and_fits_the_terminal() -> None:
    table = Table(("what", "how many"), (("a few words that are long", "5"), ("one", "1,000 of 2000")))
    wide = list(terminal.table(table, 80))
    assert "  a few words that are long              5" == wide[2]
    narrow = list(terminal.table(table, 34))
    assert max(map(len, narrow)) <= 34
    assert ["  a few words that               5", "  are long"] == narrow[2:4]


def test_what_is_printed_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    finding = Finding(Table(("a",), (("1",),)), "", "From “3 → 6” it " + "goes " * 20 + "on.", ("A note.",))
    lines = terminal.text(finding).splitlines()
    assert ["  a", "  -", "  1", ""] == lines[:4]
    assert '  => From "3 -> 6" it goes' == lines[4][:26]
    assert "     A note." == lines[-1]
    assert max(map(len, lines)) <= 60


# --- the stage ---


def test_errors_of_a_client_are_the_kits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.labs.stage.Reaper.start", contextlib.nullcontext)
    with pytest.raises(GraderError, match="A lab could not be finished: KafkaTimeoutError"), stage.stages():
        raise KafkaTimeoutError("too long")


def test_the_clients_are_silent_only_meanwhile(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "CLIENTS", ("client",))
    with stage.silence():
        logging.getLogger("client.net").error("refused")
    assert [] == caplog.records
    logging.getLogger("client.net").error("refused")
    assert ["refused"] == [each.message for each in caplog.records]
