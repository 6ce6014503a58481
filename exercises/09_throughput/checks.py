"""The rubric of 09: twenty thousand events in few requests, few bytes and one connection."""

import dataclasses
from collections.abc import Iterator
from functools import cache

from grader import (
    Draw,
    Evidence,
    Scenario,
    Stall,
    Topic,
    advises,
    after,
    drawing,
    expect,
    points,
    reads_requests,
    under,
)

EVENTS = expect.Lines(topic="events", noun="event", identity="event_id", key="device_id", owner="device")
FILE = "events.jsonl"
COUNT = 20_000
# Sent in a moment, on any machine: whoever does not wait for them has left when they reach the broker.
FEW = 500
MOST_REQUESTS = 200
MOST_SHARE = 0.45
WALL_LIMIT_S = 60.0
# confluent-kafka sends a request for each partition: with many, 200 would leave less room than it seems.
PARTITIONS = (3, 6)
# Events look alike, as those of a few hundred devices and states do; that is what compression lives on.
SHAPES = 200
ID, READING = b"EVENT_ID", b"-123456789"
KINDS = ("temperature", "humidity", "door", "battery")
UNITS = ("°C", "%", None)
SITES = ("warehouse-north", "warehouse-south", "Zürich", "倉庫", "")


@cache
def _file(number: float, count: int) -> bytes:
    """Draw a file: a shape for each line, with an id and a reading of its own."""
    draw = Draw(number)
    devices = drawing.ids(draw, "d")
    shapes = [
        {
            "event_id": ID.decode(),
            "device_id": draw.choice(devices),
            "kind": draw.choice(KINDS),
            "reading": int(READING),
            "unit": draw.choice(UNITS),
            "site": draw.choice(SITES),
            "firmware": f"4.{draw.randint(0, 2)}.{draw.randint(0, 9)}",
            "is_charging": draw.choice((True, False, None)),
            "note": drawing.text(draw),
        }
        for _ in range(SHAPES)
    ]
    texts = drawing.json_lines(draw, shapes).split(b"\n")[:-1]
    identities = drawing.unique(draw, "e", count)
    lines = (
        text.replace(ID, identity.encode()).replace(READING, b"%d" % draw.randint(-40, 999))
        for text, identity in zip(draw.choices(texts, k=count), identities, strict=True)
    )
    return b"".join(line + b"\n" for line in lines)


def _events(draw: Draw, name: str, title: str, *, count: int = COUNT) -> Scenario:
    return Scenario(
        name=name,
        title=title,
        topics=(Topic(EVENTS.topic, draw.randint(*PARTITIONS)),),
        args=(FILE,),
        files={FILE: _file(draw.random(), count)},
        wall_limit_s=WALL_LIMIT_S,
    )


def healthy(draw: Draw) -> Scenario:
    """All events, and the path is free."""
    return _events(draw, "healthy", "the path is free")


def gathered(draw: Draw) -> Scenario:
    """All events again, and most of them gather while the first Produce is held.

    Without linger, how many share a request depends on how busy the machine is; here it hardly does.
    """
    free = _events(draw, "gathered", "all events again; the broker gets the first 4 to 5 s late")
    return dataclasses.replace(free, fault=Stall(hold_s=draw.uniform(4, 5)))


def stalled(draw: Draw) -> Scenario:
    """A few events, and the first Produce is held."""
    free = _events(draw, "stalled", f"{FEW} events; the broker gets the first 4 to 5 s late", count=FEW)
    return dataclasses.replace(free, fault=Stall(hold_s=draw.uniform(4, 5)))


@points(1)
@under(healthy)
def check_program_ends(evidence: Evidence) -> None:
    """The program ends by itself within 60 seconds, with exit code 0."""
    expect.keeps_up(evidence, EVENTS, most=MOST_REQUESTS)
    expect.program_ends(evidence)


@points(1)
@under(healthy)
def check_events_arrive(evidence: Evidence) -> None:
    """Events arrive in `events`, each in the value of a record."""
    expect.records_arrive(evidence, EVENTS.topic)
    expect.values_hold_lines(evidence, EVENTS)


@points(2)
@under(healthy)
@after(check_events_arrive)
def check_values(evidence: Evidence) -> None:
    """Every value is one line of the file, or JSON equal to it."""
    expect.values_equal_lines(evidence, EVENTS)


@points(3)
@under(healthy)
@after(check_events_arrive)
def check_every_event_once(evidence: Evidence) -> None:
    """All 20,000 events are stored, and none of them twice."""
    expect.every_line_once(evidence, EVENTS)


@points(3)
@under(healthy, gathered)
@after(check_every_event_once)
@reads_requests
def check_few_requests(free: Evidence, again: Evidence) -> None:
    """At most 200 Produce requests carry them."""
    # A busy machine gives a program more time, and batches that linger leave by the clock.
    patience = max(1.0, again.run.wall_limit_s / WALL_LIMIT_S)
    expect.few_requests((free, again), EVENTS, most=round(MOST_REQUESTS * patience))


@points(3)
@under(healthy, gathered)
@after(check_every_event_once)
@reads_requests
def check_few_bytes(free: Evidence, again: Evidence) -> None:
    """Their batches have at most 45 % of the file's bytes."""
    expect.few_bytes((free, again), EVENTS, share=MOST_SHARE)


@points(2)
@under(healthy)
@after(check_events_arrive)
@reads_requests
def check_one_connection(evidence: Evidence) -> None:
    """One connection to each broker carries all of them."""
    expect.one_connection(evidence)


@points(2)
@under(healthy, stalled)
@after(check_every_event_once)
def check_delivered(free: Evidence, held: Evidence) -> None:
    """The events arrive even when the broker gets the first of them some seconds late."""
    expect.delivered(free, held, EVENTS.topic, awaited=FEW)


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
