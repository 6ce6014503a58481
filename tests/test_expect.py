"""Expectations on a program as a whole and on the records of a topic."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from grader import expect
from grader.expect import Failure
from grader.model import (
    Evidence,
    Exit,
    Feedback,
    Record,
    Request,
    Run,
    Scenario,
    Stall,
    Submission,
    Topic,
    Traffic,
)

MESSAGE = b"Hello, Kafka!"
TOPIC = "test_topic"
IN_TRANSIT = (
    b"%4|1795480991.899|TERMINATE|rdkafka#producer-1| [thrd:app]: Producer terminating with 1 message "
    b"(13 bytes) still in queue or transit: use flush() to wait for outstanding message delivery\n"
)


def evidence(*values: bytes | None, source: bytes = b"p.send('test_topic', b'')\n", **more: Any) -> Evidence:
    """Make evidence of a run that ended well and stored these values, one on each partition."""
    ended = more.pop("exit", Exit("exited", 0))
    made = Evidence(
        submission=Submission("01_hello_kafka", {"producer.py": source}, "0" * 64),
        scenario=Scenario(name="healthy", title="the path is free", topics=(Topic(TOPIC, 5),)),
        run=Run(ended, b"", more.pop("stderr", b""), 0.4, 30.0),
        records=tuple(
            Record(TOPIC, number, 0, 9 - number, None, value) for number, value in enumerate(values)
        ),
        requests=(),
        topics={TOPIC: 5},
        bootstrap_servers="127.0.0.1:41000",
        traffic=Traffic(connections=2),
    )
    return dataclasses.replace(made, **more)


def held(*values: bytes | None, **more: Any) -> Evidence:
    """Make evidence of a run on the stalled path."""
    scenario = Scenario(name="stalled", title="late", topics=(Topic(TOPIC, 5),), fault=Stall(4.54))
    return evidence(*values, scenario=scenario, traffic=Traffic(connections=2, stall="dropped"), **more)


def feedback_of(expectation: Callable[..., None], *arguments: object) -> Feedback:
    with pytest.raises(Failure) as caught:
        expectation(*arguments)
    return caught.value.feedback


class TestProgramEnds:
    def test_exit_code_0_is_expected(self) -> None:
        expect.program_ends(evidence())

    @pytest.mark.parametrize(
        ("end", "seen"),
        [
            (Exit("exited", 3), "The program ended with exit code 3."),
            (Exit("timed_out"), "The program was still running. The program was ended after 30 s."),
            (Exit("signalled", None, "SIGTERM"), "The signal SIGTERM ended the program."),
            (Exit("output_limit"), "and was ended there"),
            (Exit("out_of_memory"), "all the memory"),
            (Exit("not_started"), ""),
        ],
    )
    def test_every_other_end_is_told_with_its_cause(self, end: Exit, seen: str) -> None:
        assert seen in feedback_of(expect.program_ends, evidence(exit=end)).seen

    def test_the_cause_comes_first_and_then_the_exit_code(self) -> None:
        traceback = b"Traceback (most recent call last):\nZeroDivisionError: division by zero\n"
        found = feedback_of(expect.program_ends, evidence(exit=Exit("exited", 1), stderr=traceback))
        assert (
            "The program stopped with ZeroDivisionError: division by zero. The exit code was 1." == found.seen
        )

    def test_the_limit_is_that_of_the_run(self) -> None:
        run = Run(Exit("timed_out"), b"", b"", 60.1, 60.0)
        found = feedback_of(expect.program_ends, evidence(run=run))
        assert "The program ends by itself within 60 s, with exit code 0." == found.expected


class TestRecordsArrive:
    def test_one_is_enough(self) -> None:
        expect.records_arrive(evidence(MESSAGE), TOPIC)

    def test_none_is_told_with_its_cause(self) -> None:
        found = feedback_of(expect.records_arrive, evidence(source=b""), TOPIC)
        assert found.seen.startswith("Nothing arrived in `test_topic`. `producer.py` is empty;")
        assert "A record in `test_topic`." == found.expected

    def test_a_record_that_got_through_by_chance_is_no_better_than_one_that_did_not(self) -> None:
        there = feedback_of(expect.records_arrive, evidence(MESSAGE, stderr=IN_TRANSIT), TOPIC)
        not_there = feedback_of(expect.records_arrive, evidence(stderr=IN_TRANSIT), TOPIC)
        assert there == not_there
        assert "chance" in there.seen

    def test_nor_is_one_of_a_program_that_left_at_once(self) -> None:
        source = b"import os\np.send('test_topic', b'')\nos._exit(0)\n"
        there = feedback_of(expect.records_arrive, evidence(MESSAGE, source=source), TOPIC)
        assert there == feedback_of(expect.records_arrive, evidence(source=source), TOPIC)

    def test_records_of_other_topics_do_not_count(self) -> None:
        strayed = Record("other", 0, 0, 1, None, MESSAGE)
        found = feedback_of(expect.records_arrive, evidence(records=(strayed,)), TOPIC)
        assert "1 record went to the topic `other`" in found.seen


class TestOneRecord:
    def test_one(self) -> None:
        expect.one_record(evidence(MESSAGE), TOPIC)

    @pytest.mark.parametrize(
        ("values", "seen"),
        [
            ((MESSAGE, MESSAGE), "2 records are stored in `test_topic`, all with the value `Hello, Kafka!`."),
            (
                (b"H", b"i", b"!"),
                "3 records are stored in `test_topic`, each with one letter of the message.",
            ),
            ((MESSAGE, b"test"), "`test` at test_topic-1@0 and `Hello, Kafka!` at test_topic-0@0."),
        ],
    )
    def test_several_are_told_by_what_they_hold(self, values: tuple[bytes, ...], seen: str) -> None:
        assert seen in feedback_of(expect.one_record, evidence(*values), TOPIC).seen

    def test_a_program_that_went_on_until_it_was_ended(self) -> None:
        found = feedback_of(expect.one_record, evidence(*[MESSAGE] * 15, exit=Exit("timed_out")), TOPIC)
        assert (
            "15 records are stored in `test_topic`, and the program went on until it was ended." == found.seen
        )
        assert "See line 1 of `producer.py`" in found.advice


class TestValue:
    def test_the_very_bytes(self) -> None:
        expect.value_is(evidence(MESSAGE), TOPIC, MESSAGE)

    def test_one_of_several_is_enough(self) -> None:
        expect.value_is(evidence(b"test", MESSAGE), TOPIC, MESSAGE)

    @pytest.mark.parametrize(
        ("value", "seen", "advice"),
        [
            (b"Hello, Kafka!\n", "`Hello, Kafka!\\n`: it ends with a line break", "rstrip"),
            (b"Hello, Kafka!\r\n", "it ends with a line break", "rstrip"),
            (b" Hello, Kafka!", "` Hello, Kafka!`: there is white space around it", "without spaces"),
            (b"Hello, kafka!", "capitals and small letters differ", "letter by letter"),
            (b'"Hello, Kafka!"', "encoded as JSON", "json.dumps"),
            (b"'Hello, Kafka!'", "the quotation marks are part of the value", "once"),
            ("“Hello, Kafka!”".encode(), "the quotation marks are part of the value", "once"),
            (b"b'Hello, Kafka!'", "Python's notation of bytes", "as they are"),
            (b'{"message": "Hello, Kafka!"}', "a JSON object or list", "text alone"),
            (b"Message: Hello, Kafka!", "more in it than the message", "message alone"),
            ("Hello, Kafka!".encode("utf-16"), "its encoding is not UTF-8", "utf-8"),
            ("Hello, Kafka!".encode("utf-8-sig"), "its encoding is not UTF-8", "utf-8"),
            (b"Hello Kafka!", "its character 6 should be `,`", "letter by letter"),
            (b"Hello, Kafka", "its character 13 should be `!`", "letter by letter"),
            (b"Hello, Kafka!!!", "more in it than the message", "message alone"),
            (b"", "is empty.", "Give `send()` the message"),
            (None, "is null.", "Give `send()` the message"),
            (b"\xff\x00", "its character 1 should be `H`", "letter by letter"),
        ],
    )
    def test_a_difference_is_named(self, value: bytes | None, seen: str, advice: str) -> None:
        found = feedback_of(expect.value_is, evidence(value), TOPIC, MESSAGE)
        assert seen in found.seen
        assert advice in found.advice
        assert found.seen.startswith("The value of test_topic-0@0 is ")
        assert "The value `Hello, Kafka!`: 13 bytes." == found.expected

    def test_a_value_that_stands_in_the_key(self) -> None:
        swapped = Record(TOPIC, 0, 0, 1, MESSAGE, None)
        found = feedback_of(expect.value_is, evidence(records=(swapped,)), TOPIC, MESSAGE)
        assert "is null; the message is the record's key." in found.seen

    def test_of_several_the_most_telling_is_shown(self) -> None:
        found = feedback_of(expect.value_is, evidence(b"one", b"Hello, kafka!"), TOPIC, MESSAGE)
        assert found.seen.startswith("None of 2 records has the value. The value of test_topic-1@0")

    def test_a_hundred_thousand_records_are_judged_in_time(self) -> None:
        expect_all = feedback_of(expect.value_is, evidence(*[b"x" * 50] * 100_000), TOPIC, MESSAGE)
        assert expect_all.seen.startswith("None of 100,000 records has the value.")


class TestDelivered:
    def test_what_arrives_on_both_paths(self) -> None:
        expect.delivered(evidence(MESSAGE), held(MESSAGE), TOPIC)

    def test_a_record_that_was_lost(self) -> None:
        found = feedback_of(expect.delivered, evidence(MESSAGE), held(), TOPIC)
        assert found.seen.startswith(
            "The record was held up for 4.5 s on its way to the broker, and was lost. The program ended while"
        )
        assert "All that arrives on a free path: 1 record." == found.expected

    def test_some_of_several(self) -> None:
        found = feedback_of(expect.delivered, evidence(b"1", b"2", b"3"), held(b"1"), TOPIC)
        assert (
            "The first record was held up for 4.5 s on its way to the broker, and 2 of 3 records were lost."
            in found.seen
        )

    def test_what_was_only_late_and_was_sent_again(self) -> None:
        found = feedback_of(expect.delivered, evidence(MESSAGE), held(MESSAGE, MESSAGE), TOPIC)
        assert found.seen == (
            "The first record was held up for 4.5 s on its way to the broker, and 2 records are stored. "
            "The program sent again what was only late."
        )
        assert "Send once, and be willing to wait 10 s" in found.advice

    def test_acks_zero_is_known_from_the_free_path(self) -> None:
        request = Request("PRODUCE", 13, "c", "kafka-python", "127.0.0.1:1", 1, 0)
        found = feedback_of(expect.delivered, evidence(MESSAGE, requests=(request,)), held(), TOPIC)
        assert "acks=0" in found.seen

    def test_a_program_without_end_is_not_held_to_a_count(self) -> None:
        endless = Exit("timed_out")
        expect.delivered(evidence(*[MESSAGE] * 15, exit=endless), held(MESSAGE, exit=endless), TOPIC)
        assert feedback_of(expect.delivered, evidence(MESSAGE, exit=endless), held(exit=endless), TOPIC).seen
