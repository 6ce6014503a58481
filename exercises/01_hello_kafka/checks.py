"""The rubric of 01: one record, the right bytes, delivered."""

from collections.abc import Iterator

from grader import Draw, Evidence, Scenario, Stall, Topic, advises, after, expect, points, under

TOPIC = "test_topic"
MESSAGE = b"Hello, Kafka!"


def healthy(draw: Draw) -> Scenario:
    """The path to the broker is free."""
    return Scenario(name="healthy", title="the path is free", topics=(Topic(TOPIC, draw.randint(3, 12)),))


def stalled(draw: Draw) -> Scenario:
    """The first Produce is held for some seconds."""
    return Scenario(
        name="stalled",
        title="the broker gets the first record 4 to 5 s late",
        topics=(Topic(TOPIC, draw.randint(3, 12)),),
        fault=Stall(hold_s=draw.uniform(4, 5)),
    )


@points(2)
@under(healthy)
def check_program_ends(evidence: Evidence) -> None:
    """The program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(2)
@under(healthy)
def check_record_arrives(evidence: Evidence) -> None:
    """A record arrives in `test_topic`."""
    expect.records_arrive(evidence, TOPIC)


@points(1)
@under(healthy)
@after(check_record_arrives)
def check_one_record(evidence: Evidence) -> None:
    """There is one record, and no other."""
    expect.one_record(evidence, TOPIC)


@points(2)
@under(healthy)
@after(check_record_arrives)
def check_value(evidence: Evidence) -> None:
    """The value is `Hello, Kafka!`, byte for byte."""
    expect.value_is(evidence, TOPIC, MESSAGE)


@points(2)
@under(healthy, stalled)
@after(check_record_arrives)
def check_delivered(free: Evidence, held: Evidence) -> None:
    """The record arrives even when it reaches the broker late."""
    expect.delivered(free, held, TOPIC)


@points(1)
@under(stalled)
@after(check_program_ends, check_delivered)
def check_ends_late(evidence: Evidence) -> None:
    """The program waits for that, and still ends with exit code 0."""
    expect.program_ends(evidence)


@advises
@under(healthy)
def remark_on_address(evidence: Evidence) -> Iterator[str]:
    """A remark on an address that is written outright."""
    yield from expect.remark_on_address(evidence)


@advises
@under(stalled)
def remark_on_waiting(evidence: Evidence) -> Iterator[str]:
    """A remark on a program that sleeps long enough."""
    yield from expect.remark_on_waiting(evidence)
