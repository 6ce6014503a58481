"""Lab `serialization`: what a review is on the wire in four formats, and what one version later."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kafka import KafkaProducer

from grader.labs import Lab, formats
from grader.labs.finding import Finding, Table
from grader.labs.formats import NEW, OLD, Format, Review
from grader.labs.plot import Bar, bars
from grader.labs.stage import Stage, Watch
from grader.model import Topic

REVIEWS = 300
VERIFIED = 0.3
# Several scripts, and a bar as people type it.
COMMENTS = (
    "great price fast slow broke after a week again gift colour | schnell kaputt déçu 良い ваза 很好 ok"
)
KINDS = ("old", "gzip", "new")
ALL_READ = "all read"


def send(servers: str, topic: str, values: Sequence[bytes], compression: str | None) -> None:
    """All values in as few batches as the broker takes."""
    producer = KafkaProducer(
        bootstrap_servers=servers, compression_type=compression, linger_ms=200, batch_size=1_000_000
    )
    for value in values:
        producer.send(topic, value)
    producer.close()


@dataclass(frozen=True, slots=True)
class Wire:
    """What one format came to.

    Attributes:
        value_bytes: Bytes of a value, on average.
        plain_bytes: Bytes of a record within its batch, on average.
        gzip_bytes: The same, compressed with gzip.
        same: What came of reading the records with the program that wrote them.
        old_reads_new: What came of reading records that have a field more.
        new_reads_old: What came of reading records that have a field less.
        half: What became of a rating of 4.5 where a whole number is asked for.
    """

    name: str
    value_bytes: float
    plain_bytes: float
    gzip_bytes: float
    same: str
    old_reads_new: str
    new_reads_old: str
    half: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, and which packages were missing."""

    wires: tuple[Wire, ...]
    reviews: int
    missing: tuple[str, ...]


def measure(stage: Stage, draw: random.Random) -> Figures:
    """Send old and new reviews in every format, and read them with either program."""
    reviews = [drawn(draw) for _ in range(REVIEWS)]
    present = formats.present()
    stage.make(*(Topic(topic_of(each, kind), 1) for each in present for kind in KINDS))
    with stage.watch() as seen:
        for each in present:
            old, new = ([each.write(review, fields) for review in reviews] for fields in (OLD, NEW))
            for kind, values, compression in (("old", old, None), ("gzip", old, "gzip"), ("new", new, None)):
                send(stage.servers, topic_of(each, kind), values, compression)
    wires = tuple(wire(each, reviews, stored(stage, each), sizes(seen, each)) for each in present)
    return Figures(wires, len(reviews), formats.missing())


def topic_of(each: Format, kind: str) -> str:
    """Return the topic of one format and kind of records."""
    return f"{each.topic}-{kind}"


def stored(stage: Stage, each: Format) -> Mapping[str, Sequence[bytes]]:
    """Return the stored values of one format by kind, in the order of sending."""
    records = stage.records(*(topic_of(each, kind) for kind in KINDS))
    return {
        kind: [record.value or b"" for record in records if record.topic == topic_of(each, kind)]
        for kind in KINDS
    }


def sizes(seen: Watch, each: Format) -> Mapping[str, int]:
    """Return the bytes of all batches of one format by kind, as the broker took them in."""
    return {
        kind: sum(
            part.size_bytes
            for request in seen.produced(topic_of(each, kind))
            for part in request.parts
            if part.error is None
        )
        for kind in KINDS
    }


def wire(
    each: Format, reviews: Sequence[Review], values: Mapping[str, Sequence[bytes]], sent: Mapping[str, int]
) -> Wire:
    """Read what was stored with the older and the newer program, and count bytes."""
    old = [{name: review[name] for name in OLD} for review in reviews]
    filled = [{**review, "verified": False} for review in reviews]
    return Wire(
        name=each.name,
        value_bytes=sum(map(len, values["old"])) / len(reviews),
        plain_bytes=sent["old"] / len(reviews),
        gzip_bytes=sent["gzip"] / len(reviews),
        same=outcome(lambda data: each.read(data, OLD, OLD), values["old"], old),
        old_reads_new=outcome(lambda data: each.read(data, NEW, OLD), values["new"], old),
        new_reads_old=outcome(lambda data: each.read(data, OLD, NEW), values["old"], filled),
        half=half(each, reviews[0]),
    )


def outcome(read: Callable[[bytes], Review], values: Sequence[bytes], meant: Sequence[Review]) -> str:
    """Return what came of reading: `all read`, or how often what happened."""
    ends = Counter(_end(read, data, review) for data, review in zip(values, meant, strict=True))
    if set(ends) == {"read"}:
        return ALL_READ
    return ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))


def _end(read: Callable[[bytes], Review], data: bytes, meant: Review) -> str:
    try:
        return "read" if read(data) == meant else "read wrongly"
    except Exception as error:  # noqa: BLE001 - which error it is, is what is measured
        return type(error).__name__


def half(each: Format, review: Review) -> str:
    """Return what becomes of a rating of 4.5 where a whole number is asked for."""
    try:
        data = each.write({**review, "rating": 4.5}, OLD)
    except Exception as error:  # noqa: BLE001 - as above
        return f"{type(error).__name__} when written"
    try:
        return f"{each.read(data, OLD, OLD)['rating']}, no error"
    except Exception as error:  # noqa: BLE001 - as above
        return f"{type(error).__name__} when read"


def drawn(draw: random.Random) -> Review:
    """Draw one review; `verified` is known to the newer program only."""
    return {
        "product_id": f"p-{draw.randrange(1000)}",
        "user_id": f"u-{draw.randrange(10000)}",
        "rating": draw.randint(1, 5),
        "verified": draw.random() < VERIFIED,
        "comment": " ".join(draw.choices(COMMENTS.split(), k=draw.randint(0, 9))),
    }


def sentence(figures: Figures) -> str:
    """Say what the figures say."""
    sized = [each for each in figures.wires if each.name != formats.AVRO_BLIND.name]
    plain = ", ".join(f"{each.value_bytes:.0f} bytes as {each.name}" for each in sized)
    packed = ", ".join(f"{each.gzip_bytes:.0f}" for each in sized)
    both = [each.name for each in figures.wires if {each.old_reads_new, each.new_reads_old} == {ALL_READ}]
    through = " and ".join(both) or "no format"
    return (
        f"A review took {plain} (and {packed} within a batch compressed with gzip); where one program knew a "
        f"field more than the other, {through} let either read everything that the other had written."
    )


def show(figures: Figures) -> Finding:
    """Show bytes, and what the other version could read."""
    rows = tuple(
        (
            each.name,
            f"{each.value_bytes:.1f}",
            f"{each.plain_bytes:.1f}",
            f"{each.gzip_bytes:.1f}",
            each.same,
            each.old_reads_new,
            each.new_reads_old,
            each.half,
        )
        for each in figures.wires
    )
    columns = (
        "format",
        "bytes a value",
        "in a batch",
        "with gzip",
        "read back",
        "older program, newer records",
        "newer program, older records",
        "a rating of 4.5",
    )
    sized = [each for each in figures.wires if each.name != formats.AVRO_BLIND.name]
    drawn_bars = [
        Bar(f"{each.name}{label}", size, f"{size:.0f}", mark=bool(label))
        for each in sized
        for label, size in (("", each.plain_bytes), (" with gzip", each.gzip_bytes))
    ]
    return Finding(
        table=Table(columns, rows),
        plot=bars("Bytes of a record within its batch", drawn_bars),
        sentence=sentence(figures),
        notes=(
            f"{figures.reviews} reviews, sent and read back; newer ones have a field more, not at the end.",
            "Where JSON raises, it is by found[field] in from_json; found.get(field) would not.",
            "Avro needs the schema that a record was written with; a schema registry keeps it.",
            "A line of text falls apart where a comment holds the separator.",
            *(formats.LEFT_OUT[name] for name in figures.missing),
        ),
    )


LAB = Lab(
    question="What is a review on the wire, and who can still read it a version later?",
    measure=measure,
    show=show,
    programs=(*formats.PROGRAMS, send),
)
