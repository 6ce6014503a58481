"""Acks on the wire, numbers of records and experiments on durability, judged from evidence made by hand."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from grader import exercise, expect
from grader.expect import Failure
from grader.expect.answers import OPEN, Refuted
from grader.model import (
    Evidence,
    Exit,
    Feedback,
    PartitionRequest,
    Prediction,
    Record,
    Request,
    Run,
    Scenario,
    Submission,
    Topic,
    Traffic,
)

EXERCISE, TOPIC = "04_acks", "payments"
GIVEN = b'producer = KafkaProducer(bootstrap_servers=servers, acks=acks)\nproducer.send("payments", b"x")\n'


def produces(*acks: int, client: str = "kafka-python-producer-1") -> tuple[Request, ...]:
    """Return a logged Produce request for each of these acks."""
    parts = (PartitionRequest(TOPIC, 0, 80),)
    return tuple(
        Request("PRODUCE", 12, client, "kafka-python 3.0.12", "127.0.1.1:5", 1, acks=each, parts=parts)
        for each in acks
    )


def evidence(source: bytes = GIVEN, *, args: Sequence[str] = ("1", "37"), **more: Any) -> Evidence:
    """Make evidence of a program that ended well."""
    scenario = Scenario(name="acks", title="free", topics=(Topic(TOPIC, 3),), args=tuple(args))
    made = Evidence(
        submission=Submission(EXERCISE, {"producer.py": source}, "0" * 64),
        scenario=scenario,
        run=Run(more.pop("exit", Exit("exited", 0)), more.pop("stdout", b""), b"", 0.4, 30.0),
        records=(),
        requests=(),
        topics={TOPIC: 3},
        bootstrap_servers="127.0.0.1:41000",
        traffic=Traffic(connections=2),
    )
    return dataclasses.replace(made, **more)


def stored(count: int, value: bytes = b"payment %d", topic: str = TOPIC) -> tuple[Record, ...]:
    """Return so many records of a topic."""
    values = (value % number if b"%" in value else value for number in range(count))
    return tuple(Record(topic, 0, number, 9, None, each) for number, each in enumerate(values))


def feedback_of(expectation: Callable[..., None], *arguments: object) -> Feedback:
    with pytest.raises(Failure) as caught:
        expectation(*arguments)
    return caught.value.feedback


# --- acks on the wire ---


@pytest.mark.parametrize("acks", [-1, 0, 1])
def test_every_request_asks_as_told(acks: int) -> None:
    expect.acks_are(evidence(requests=produces(acks, acks)), acks)


def test_what_the_requests_asked_for_is_counted() -> None:
    told = feedback_of(expect.acks_are, evidence(requests=produces(-1, -1, 1)), 1)
    expected = "2 of 3 Produce requests asked for acks=all and 1 of 3 Produce requests asked for acks=1."
    assert f"{expected} The program was called with `1 37`." == told.seen
    assert "acks=1 in every Produce request." == told.expected
    assert told.advice.startswith("Send with the setting of this call, and with no other. See line 1")


def test_records_without_requests_are_no_students_fault() -> None:
    with pytest.raises(RuntimeError, match="logged no Produce request"):
        expect.acks_are(evidence(), 1)


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("p = KafkaProducer(bootstrap_servers=s)\n", "No line gives the producer `acks`"),
        ("# acks=acks\np = KafkaProducer()\n", "`acks` stands in a comment alone, at line 1 of"),
        ("p = KafkaProducer(acks='all')\n", "`acks` is written outright, at line 1 of"),
        ("p = KafkaProducer(acks=-1)\n", "`acks` is written outright, at line 1 of"),
        ("c = {'acks': a}\np = KafkaProducer()\n", "is set in a dict, at line 1 of"),
        ("c = {}\nc['acks'] = a\np = KafkaProducer()\n", "is set in a dict, at line 2 of"),
        ("c = {'acks': a}\nc.update(acks='all')\np = KafkaProducer(**c)\n", "`acks` is set more than once"),
        ("p = Producer({'request.required.acks': 1})\n", "`acks` is written outright, at line 1 of"),
        ("a = int(x)\np = KafkaProducer(acks=a)\n", "It is made at line 1 of `producer.py`: `a = int(x)`."),
        ("p = KafkaProducer(acks=int(x))\n", "It is made at line 1 of `producer.py`: `p = "),
    ],
)
def test_the_line_that_sets_them_is_named(source: str, advice: str) -> None:
    told = feedback_of(expect.acks_are, evidence(source.encode(), requests=produces(-1)), 1)
    assert advice in told.advice


@pytest.mark.parametrize(
    "source",
    [
        "p = KafkaProducer(acks=acks or 1)\n",
        "p = KafkaProducer(acks=acks if acks else 'all')\n",
        "if not acks:\n    acks = 'all'\np = KafkaProducer(acks=acks)\n",
    ],
)
def test_zero_that_counts_as_false_is_recognised(source: str) -> None:
    told = feedback_of(expect.acks_are, evidence(source.encode(), requests=produces(-1)), 0)
    assert told.advice.startswith(
        "The number 0 counts as false in Python, and is taken for nothing, at line 1"
    )


# --- how many ---


def test_as_many_as_told() -> None:
    expect.stored_as_told(evidence(records=stored(37)), TOPIC, 37)


@pytest.mark.parametrize(
    ("count", "seen", "advice"),
    [
        (36, "One is missing.", "`range(1, n)` stops before n"),
        (38, "There is one too many.", "`range(n)` counts n turns"),
        (74, "It is 2 times as many.", "Is there one `send()` in the loop"),
        (1, "Its value is `payment 0`.", "Does `send()` stand inside the loop"),
        (50, "", "Take the number from the second argument"),
    ],
)
def test_another_number_is_told_with_its_cause(count: int, seen: str, advice: str) -> None:
    told = feedback_of(expect.stored_as_told, evidence(records=stored(count)), TOPIC, 37)
    assert told.seen.startswith(f"{count} record")
    assert seen in told.seen
    assert advice in told.advice
    assert "37 records." == told.expected


def test_a_program_that_failed_is_not_told_to_count() -> None:
    failed = evidence(records=stored(20), exit=Exit("exited", 1))
    assert "did not come to its end" in feedback_of(expect.stored_as_told, failed, TOPIC, 37).advice


# --- experiments: the key follows the figures ---


def judge(check: str, made: Evidence, answer: str) -> Prediction:
    """Judge one answer by a check of the exercise, on evidence of its experiment."""
    checks = {each.id: function for each, function in exercise.load(EXERCISE, seed=1).rubric.checks}
    submission = Submission(EXERCISE, {"answers.toml": f'{check} = "{answer}"\n'.encode()}, "0" * 64)
    prediction = checks[check](dataclasses.replace(made, submission=submission))
    assert isinstance(prediction, Prediction)
    return prediction


def experiment(scenario: str, *printed: object, **more: Any) -> Evidence:
    """Make evidence of one of the exercise's experiments."""
    loaded = {each.name: each for each in exercise.load(EXERCISE, seed=1).rubric.scenarios}
    stdout = "\n".join(json.dumps(each) for each in printed).encode()
    return evidence(stdout=stdout, scenario=loaded[scenario], **more)


def waits(one: float, every: float) -> Evidence:
    return experiment("waiting", {"1": [one + 0.001 * n for n in range(12)], "all": [every] * 12})


def test_a_claim_about_speed_is_left_open_where_intervals_overlap() -> None:
    assert "all_longer" in judge("speed", waits(0.01, 0.2), "all_longer").truth
    assert "one_longer" in judge("speed", waits(0.2, 0.1), "one_longer").truth
    for answer in ("all_longer", "one_longer", "neither"):
        made = judge("speed", waits(0.1, 0.105), answer)
        assert made.correct
        assert OPEN == made.truth
        assert made.because.endswith("The intervals overlap, so that this run is inconclusive.")
    with pytest.raises(Refuted):
        judge("speed", waits(0.01, 0.2), "neither")


@pytest.mark.parametrize(
    ("acknowledged", "left", "truth"),
    [
        (20, 0, "lost"),
        (20, 19, "lost"),
        (20, 20, "kept"),
        (0, 0, "not_acknowledged"),
        (0, 5, "not_acknowledged"),
    ],
)
def test_what_became_of_payments_is_counted(acknowledged: int, left: int, truth: str) -> None:
    printed = ({"topic": "one", "acknowledged": 20}, {"topic": "all", "acknowledged": acknowledged})
    records = stored(left, topic="all")
    killed = experiment("leader_dies", *printed, records=records, traffic=Traffic(fault_reached=True))
    made = judge("leader_dies_all", killed, truth)
    assert made.correct
    assert f"under the next leader {left} are stored" in made.because


def test_a_leader_that_was_not_killed_is_our_failure() -> None:
    printed = ({"topic": "one", "acknowledged": 20}, {"topic": "all", "acknowledged": 0})
    spoiled = experiment("leader_dies", *printed, traffic=Traffic(fault_reached=False))
    with pytest.raises(RuntimeError, match="not killed"):
        judge("leader_dies_one", spoiled, "lost")


@pytest.mark.parametrize(("one", "every", "truth"), [(20, 20, "both"), (20, 0, "only_one"), (0, 0, "none")])
def test_who_may_write_with_too_few_replicas(one: int, every: int, truth: str) -> None:
    printed = [
        {"acks": "all", "acknowledged": every, "errors": {"NotEnoughReplicasError": 20 - every}},
        {"acks": 1, "acknowledged": one, "errors": {}},
    ]
    assert judge("too_few", experiment("too_few", *printed), truth).correct


@pytest.mark.parametrize(
    ("told", "truth"),
    [("payments-0@0", "success"), ("KafkaTimeoutError", "timeout"), ("MessageSizeTooLargeError", "refusal")],
)
def test_what_a_producer_learns_that_asks_for_no_answer(told: str, truth: str) -> None:
    printed = [
        {"acks": 0, "offsets": [0, 0, 1], "large": told},
        {"acks": 1, "offsets": [7, 8, 9], "large": "MessageSizeTooLargeError"},
    ]
    made = experiment("no_answer", *printed, records=stored(3, b"small 0"))
    assert judge("no_answer", made, truth).correct


INIT = Request("INIT_PRODUCER_ID", 5, "untouched", "kafka-python 3.0.12", "127.0.1.1:5", 1)


@pytest.mark.parametrize(
    ("initialised", "sent", "truth"),
    [
        (("untouched",), ("untouched", "lowered"), "switched_off"),
        ((), ("untouched", "lowered"), "never_on"),
        (("untouched", "lowered"), ("untouched", "lowered"), "stays_on"),
        (("untouched",), ("untouched",), "refused"),
    ],
)
def test_idempotence_is_read_from_requests(
    initialised: Sequence[str], sent: Sequence[str], truth: str
) -> None:
    inits = [dataclasses.replace(INIT, client_id=each) for each in initialised]
    requests = (*inits, *(request for each in sent for request in produces(-1, client=each)))
    made = experiment("defaults", requests=requests)
    assert judge("idempotence", made, truth).correct
    assert judge("default_acks", made, "all").correct
