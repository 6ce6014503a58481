"""The rubric of 02: ten records, each with a key of its own."""

from collections.abc import Iterator

from grader import Draw, Evidence, Scenario, Stall, Topic, advises, after, expect, points, under

TOPIC = "test_topic"
KEYS = tuple(f"key-{number}" for number in range(1, 11))


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


@points(1)
@under(healthy)
def check_program_ends(evidence: Evidence) -> None:
    """The program ends by itself, with exit code 0."""
    expect.program_ends(evidence)


@points(1)
@under(healthy)
def check_records_arrive(evidence: Evidence) -> None:
    """Records arrive in `test_topic`."""
    expect.records_arrive(evidence, TOPIC)


@points(2)
@under(healthy)
@after(check_records_arrive)
def check_ten_records(evidence: Evidence) -> None:
    """Ten records are stored, neither more nor fewer."""
    expect.as_many_records(evidence, TOPIC, KEYS)


@points(2)
@under(healthy)
@after(check_ten_records)
def check_keys(evidence: Evidence) -> None:
    """Each of the keys `key-1` … `key-10` is used once."""
    expect.each_key_once(evidence, TOPIC, KEYS)


@points(1)
@under(healthy)
@after(check_records_arrive)
def check_values(evidence: Evidence) -> None:
    """No value is empty."""
    expect.values_not_empty(evidence, TOPIC)


@points(2)
@under(healthy, stalled)
@after(check_records_arrive)
def check_delivered(free: Evidence, held: Evidence) -> None:
    """The records arrive even when the broker gets the first of them some seconds late."""
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


@advises
@under(healthy)
def remark_on_producers(evidence: Evidence) -> Iterator[str]:
    """A remark on more than one producer."""
    yield from expect.remark_on_producers(evidence)
