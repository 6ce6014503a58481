"""Reports made by hand, for the tests of `grader/report/`: values are built, nothing is imitated."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.model import (
    Check,
    CheckOutcome,
    Criterion,
    Environment,
    Evidence,
    ExerciseOutcome,
    ExerciseReport,
    Exit,
    Explanation,
    Feedback,
    Outcome,
    PartitionRequest,
    Prediction,
    Record,
    Report,
    Request,
    Run,
    Scenario,
    Stall,
    Submission,
    Topic,
    Traffic,
)

Given = Mapping[str, tuple[CheckOutcome, Feedback]]

ENVIRONMENT = Environment("3.11.7", "3.0.12", "4.3.1", "local", "full")
HEALTHY, STALLED = "healthy", "stalled"

CHECKS = (
    Check("program_ends", "The program ends by itself with exit code 0.", 1, (HEALTHY,)),
    Check("one_record", "One record is stored in `test_topic`.", 2, (HEALTHY,), ("program_ends",)),
    Check("value", "The value is the bytes of `Hello, Kafka!`.", 2, (HEALTHY,), ("one_record",)),
    Check("delivered", "The record is stored although the path stalls.", 3, (STALLED,), ("one_record",)),
    Check("knows", "The program ends only once it knows that.", 1, (STALLED,), ("delivered",)),
)
NO_FLUSH = Feedback(
    seen="0 of 1 records are stored. The program hung up 1.1 s after its first Produce request, "
    "which was held for 4.3 s.",
    expected="1 record in `test_topic` although the path stalls.",
    advice="`send()` fills a buffer and returns. Wait before the program ends: `producer.flush()`, "
    "`producer.close()` or `with`.",
)
TRACEBACK = b"""Traceback (most recent call last):
  File "producer.py", line 12, in <module>
    producer.send("test_topic", "Hello, Kafka!")
TypeError: Unsupported type for serialized value: <class 'str'>
"""


def evidence_of(  # noqa: PLR0913 - what a test wants other than usual, each by name
    name: str = HEALTHY,
    *,
    records: Sequence[Record] = (),
    run: Run | None = None,
    topics: Sequence[Topic] = (Topic("test_topic", 3),),
    files: Mapping[str, bytes] | None = None,
    ignored: Mapping[str, str] | None = None,
    exercise: str = "01_hello_kafka",
) -> Evidence:
    """Return evidence of a run that ended well, with what is given in place of it."""
    stalled = name == STALLED
    return Evidence(
        submission=Submission(exercise, {"producer.py": b"print()"}, "c0ffee" * 10, ignored or {}),
        scenario=Scenario(
            name=name,
            title="the path stalls" if stalled else "the path is free",
            topics=tuple(topics),
            files=files or {},
            args=tuple(files or ()),
            fault=Stall(4.3) if stalled else None,
        ),
        run=run or Run(Exit("exited", 0), b"sent\n", b"", 0.42, 30.0, 5, 0, isolation="full"),
        records=tuple(records),
        requests=requests(),
        topics={topic.name: topic.partitions for topic in topics},
        bootstrap_servers="127.0.0.1:40001",
        traffic=Traffic(
            2, {"127.0.0.1:40001": 2}, {18: 2, 3: 2, 22: 1, 0: 1}, 812, stall="released" if stalled else None
        ),
    )


def requests() -> tuple[Request, ...]:
    """Return what a program of one record asks of a broker."""

    def one(api: str, acks: int | None = None, parts: tuple[PartitionRequest, ...] = ()) -> Request:
        return Request(
            api, 9, "kafka-python-3.0.12", "kafka-python 3.0.12", "127.0.1.1:5000", 1, acks, None, parts
        )

    produce = one("PRODUCE", -1, (PartitionRequest("test_topic", 1, 81),))
    return (one("API_VERSIONS"), one("METADATA"), one("API_VERSIONS"), one("INIT_PRODUCER_ID"), produce)


def exercise_of(
    outcomes: Given | None = None,
    *,
    id: str = "01_hello_kafka",  # noqa: A002 - the field's own name
    title: str = "Say hello to Kafka",
    checks: Sequence[Check] = CHECKS,
    **fields: object,
) -> ExerciseReport:
    """Return an exercise all of whose checks have passed, but for those given."""
    given = outcomes or {}
    entered = []
    for check in checks:
        outcome, feedback = given.get(check.id, ("passed", Feedback()))
        entered.append(Outcome(check, outcome, check.max_points if outcome == "passed" else 0, feedback))
    made = ExerciseReport(id, title, judged(entered), tuple(entered), digest="c0ffee" * 10)
    return replace(made, **fields)  # type: ignore[arg-type]


def judged(outcomes: Sequence[Outcome]) -> ExerciseOutcome:
    """Return the outcome of an exercise, by product.md's rule."""
    found = {each.outcome for each in outcomes}
    if "error" in found:
        return "error"
    return "failed" if found - {"passed"} else "passed"


def report_of(*exercises: ExerciseReport, seed: int = 4711) -> Report:
    """Return a report of these exercises."""
    complete = all(each.outcome != "error" for each in exercises)
    return Report(exercises, complete, seed, "0.1.0", ENVIRONMENT)


def hello(value: bytes = b"Hello, Kafka!") -> tuple[Record, ...]:
    """Return the one record of exercise 01."""
    return (Record("test_topic", 1, 0, 1_795_000_000_000, None, value),)


def right() -> ExerciseReport:
    """Return what a right program gets."""
    return exercise_of(
        evidence={
            HEALTHY: evidence_of(records=hello()),
            STALLED: evidence_of(STALLED, records=hello()),
        },
        advice=("The address stands in the program. Read it from `KAFKA_BOOTSTRAP_SERVERS`.",),
    )


def no_flush() -> ExerciseReport:
    """Return what a program gets that does not wait for delivery."""
    run = Run(Exit("exited", 0), b"", b"KafkaTimeoutError: closing\n", 1.4, 30.0, 0, 27, isolation="full")
    stalled = evidence_of(STALLED, run=run)
    assert stalled.traffic is not None
    return exercise_of(
        {
            "delivered": ("failed", NO_FLUSH),
            "knows": (
                "blocked",
                Feedback("Not judged: hangs on “The record is stored”, which did not pass."),
            ),
        },
        evidence={
            HEALTHY: evidence_of(records=hello(), ignored={"conftest.py": "belongs to the kit"}),
            STALLED: replace(stalled, traffic=replace(stalled.traffic, stall="dropped")),
        },
    )


def crashed() -> ExerciseReport:
    """Return what a program gets that ends with a traceback before it sends."""
    run = Run(Exit("exited", 1), b"", TRACEBACK, 0.3, 30.0, 0, len(TRACEBACK), isolation="full")
    cause = "The program ended with exit code 1 at line 12 of producer.py: `TypeError: Unsupported type`.\n\n"
    failed = Feedback(
        cause + TRACEBACK.decode(), "Exit code 0.", 'Kafka stores bytes. Encode the text: `b"…"`.'
    )
    found: Given = {check.id: ("blocked", Feedback("Not judged: hangs on another.")) for check in CHECKS}
    return exercise_of(
        {**found, "program_ends": ("failed", failed)},
        evidence={HEALTHY: evidence_of(run=run), STALLED: evidence_of(STALLED, run=run)},
    )


def broken_grader() -> ExerciseReport:
    """Return what is known when a broker was lost during the second scenario."""
    ours = Feedback(
        "BrokerError: the broker was lost", "", "This is the grader's or the machine's, not yours."
    )
    return exercise_of(
        {"delivered": ("error", ours), "knows": ("blocked", Feedback("Not judged: hangs on another."))},
        trouble="The broker ended while it was needed.\nFree some memory, then grade again.\n"
        "[KafkaServer] OutOfMemoryError",
        evidence={HEALTHY: evidence_of(records=hello())},
    )


def untouched(id: str = "01_hello_kafka", title: str = "Say hello to Kafka") -> ExerciseReport:  # noqa: A002
    """Return what an unchanged stub gets."""
    stub = Feedback("The stub is unchanged.", "", "Open producer.py and follow its TODO.")
    return exercise_of(
        {check.id: ("blocked", stub) for check in CHECKS}, id=id, title=title, outcome="not_attempted"
    )


HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "[click](javascript:alert(1)) | table | pipe",
    "safe\u202egpj.exe",
    "zero\u200bwidth\u2060joined",
    "\x1b[2J\x1b]0;title\x07 cleared",
    "\x9b31m C1 \x85 next line",
    "]]><svg onload=alert(1)>{{ 7 * 7 }}{% raw %}",
    "Z\u0335\u0321\u0322\u0327\u0328\u0334\u0335a",
)


def hostile() -> ExerciseReport:
    """Return an exercise all of whose texts come from somebody who means harm."""
    records = tuple(
        Record(
            "test_topic", number % 3, number // 3, 1, text.encode(), text.encode(), ((text, text.encode()),)
        )
        for number, text in enumerate(HOSTILE)
    )
    bad = (
        Record("test_topic", 0, 9, 1, b"\xff\xfe", b"\x00\xc3("),
        Record("test_topic", 1, 9, 1, b"", None),
        Record("test_topic", 2, 9, 1, "\ud800".encode("utf-8", "surrogatepass"), b"x" * 40_000),
        Record("<b>other</b>\u202e", 0, 0, 1, None, b""),
    )
    every = "\n".join(HOSTILE)
    run = Run(Exit("exited", 0), every.encode() + b"\xff\x00", every.encode(), 0.4, 30.0, 9_000_000, 0)
    held = evidence_of(
        records=sorted((*records, *bad), key=lambda each: (each.topic, each.partition, each.offset)),
        run=run,
        files={HOSTILE[0]: b""},
        ignored=dict.fromkeys(HOSTILE, "not a regular file"),
    )
    spoken = replace(
        held,
        requests=tuple(replace(each, software=HOSTILE[0], api=HOSTILE[1]) for each in held.requests),
        traffic=replace(held.traffic, not_kafka=HOSTILE) if held.traffic else None,
        open_transactions=(HOSTILE[4],),
    )
    return exercise_of(
        {"value": ("failed", Feedback(f"The value is `{every}\ud800`.", every, every))},
        title=HOSTILE[0],
        evidence={HEALTHY: spoken},
        advice=HOSTILE,
    )


def keyed(
    number: int, *, partitions: int = 6, keys: int = 24, scatter: bool = False, topic: str = "orders"
) -> tuple[Record, ...]:
    """Return records of orders by customer; with `scatter`, one customer is on every partition."""
    ends = [0] * partitions
    found = []
    for order in range(number):
        customer = order * 7 % keys
        partition = order // keys % partitions if scatter and customer == 5 else customer * 5 % partitions
        key = f"customer-{customer}".encode()
        found.append(Record(topic, partition, ends[partition], 1, key, order_line(order, customer)))
        ends[partition] += 1 if order % 40 else 2
    return tuple(sorted(found, key=lambda record: (record.partition, record.offset)))


def order_line(order: int, customer: int) -> bytes:
    """Return one line of an orders file."""
    return json.dumps({"order_id": f"o-{order}", "customer_id": f"customer-{customer}"}).encode()


def orders(number: int, *, partitions: int = 6, scatter: bool = False, keys: int = 24) -> Evidence:
    """Return evidence of a run that stored so many orders."""
    lines = b"\n".join(order_line(order, order * 7 % keys) for order in range(number)) + b"\n"
    return evidence_of(
        records=keyed(number, partitions=partitions, scatter=scatter, keys=keys),
        topics=(Topic("orders", partitions),),
        files={"ORDERS.jsonl": lines},
        exercise="03_partition_stickiness",
    )


def scattered_orders(number: int = 240) -> ExerciseReport:
    """Return what a program gets whose customer is on several partitions."""
    seen = "Key `customer-5` is on partitions 0, 1, 2, 3, 4 and 5; `orders-2@17` is the first that strays."
    feedback = Feedback(
        seen, "All orders of one customer on one partition.", "Is `customer_id` the key of each?"
    )
    return exercise_of(
        {"value": ("failed", feedback)},
        id="03_partition_stickiness",
        title="Orders that stay together",
        evidence={HEALTHY: orders(number, scatter=True)},
    )


def ten_keys() -> ExerciseReport:
    """Return what a program gets that sends ten keys once each, but one of them again, elsewhere."""
    records = [
        Record(
            "test_topic",
            number * 5 % 4,
            number // 4,
            1,
            f"key-{number + 1}".encode(),
            f"message {number}".encode(),
        )
        for number in range(10)
    ]
    records.append(Record("test_topic", 3, 2, 1, b"key-1", b"message 0"))
    held = evidence_of(
        records=sorted(records, key=lambda each: (each.partition, each.offset)),
        topics=(Topic("test_topic", 4),),
    )
    return exercise_of(id="02_message_keys", title="Ten messages, ten keys", evidence={HEALTHY: held})


def disordered() -> ExerciseReport:
    """Return what a program gets that sends some orders of a customer in the wrong order."""
    held = orders(120)
    swapped = list(held.records)
    for index in (10, 50, 90):
        one, other = (
            swapped[index],
            next(each for each in swapped[index + 1 :] if each.key == swapped[index].key),
        )
        at = swapped.index(other)
        swapped[index], swapped[at] = replace(one, value=other.value), replace(other, value=one.value)
    feedback = Feedback(
        "3 orders are stored after a later one of their customer.", "The file's order.", "One thread."
    )
    return exercise_of(
        {"value": ("failed", feedback)},
        id="03_partition_stickiness",
        title="Orders that stay together",
        evidence={HEALTHY: replace(held, records=tuple(swapped))},
    )


def predicted() -> ExerciseReport:
    """Return an exercise with written answers: one as measured, one refuted, and an explanation."""
    question = "How many partitions hold records of one key?"
    held = Prediction(
        "same_key", question, "1", "1", "60 records of `k-07` are on partition 4.", correct=True, first="6"
    )
    refuted = Prediction(
        "null_key",
        "Where do records without a key go?",
        "“one” (all to one partition)",
        "“spread” (over the partitions)",
        "600 records without a key: 85 to 116 on each of 6 partitions.",
        correct=False,
    )
    missed = Feedback(
        f"Predicted: {refuted.last}. On the broker: {refuted.because}", refuted.truth, "The last counts."
    )
    made = exercise_of(
        {"delivered": ("failed", missed)}, id="03_partition_stickiness", title="Orders that stay together"
    )
    outcomes = list(made.outcomes)
    outcomes[2] = replace(outcomes[2], prediction=held)
    outcomes[3] = replace(outcomes[3], prediction=refuted)
    criteria = (Criterion("Names the order within a key.", 2), Criterion("Says what it does not promise.", 1))
    text = "# Why\n\nRecords of one key stay in order,\nsince they share a partition."
    return replace(made, outcomes=tuple(outcomes), explanation=Explanation(text, criteria))


def nine() -> Report:
    """Return a report of all exercises, in the midst of the work."""
    ids = (
        ("02_message_keys", "Ten messages, ten keys"),
        ("04_acks", "What an acknowledgement is worth"),
        ("05_json_reviews", "Reviews as JSON"),
        ("06_error_handling", "When the topic is not there"),
        ("07_bootstrap_servers", "Finding every broker"),
        ("08_no_review_lost", "No review is lost"),
        ("09_throughput", "Twenty thousand events"),
    )
    acks = replace(no_flush(), id=ids[1][0], title=ids[1][1])
    rest = tuple(untouched(*each) for each in ids[2:])
    second = replace(right(), id=ids[0][0], title=ids[0][1])
    return report_of(right(), second, scattered_orders(), acks, *rest)
