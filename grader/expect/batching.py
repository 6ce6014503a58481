"""Expectations on how many requests, bytes and connections carry the lines of a file."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.diagnosis.source import Source
from grader.expect.failure import fail
from grader.expect.lines import Lines
from grader.expect.source import line_beside_send, line_calling, line_setting
from grader.expect.wording import number, share_of
from grader.model import Evidence, PartitionRequest, Request

# A wait for each record makes one of each request; a stream with pauses puts few into one.
ALONE = 1.5
WAITING = ("flush", "get", "result", "send_and_wait")
COMPRESSION = ("compression_type", "compression.type", "compression.codec")
BATCH_SIZE = ("batch_size", "batch.size", "max_batch_size", "batch.num.messages")
SET_COMPRESSION = (
    'Tell the producer: `compression_type="gzip"` in kafka-python and aiokafka, `"compression.type": "gzip"` '
    "in confluent-kafka."
)
MAKING = ("KafkaProducer", "Producer", "AIOKafkaProducer", "SerializingProducer")

Said = tuple[str, str]


@dataclass(frozen=True)
class Carried:
    """What the broker's request log says of the Produce requests that it took in.

    Attributes:
        records: Records in the topic that hold a line of the file.
        line_bytes: Bytes of the lines that they hold, with their line breaks.
    """

    requests: Sequence[Request]
    records: int
    line_bytes: int

    @property
    def parts(self) -> Sequence[PartitionRequest]:
        """What the requests brought to one partition each."""
        return [part for each in self.requests for part in each.parts if part.error is None]

    @property
    def batch_bytes(self) -> int:
        """Bytes of the record batches, as they travelled."""
        return sum(part.size_bytes for part in self.parts)

    @property
    def sources(self) -> set[tuple[int, str]]:
        """The connections that carried them: the broker's number, and where the connection came from."""
        return {(each.broker, each.source) for each in self.requests}

    def per_record(self, amount: int) -> float:
        """Return an amount by record; a run that stored nothing is no better than any other."""
        return amount / self.records if self.records else math.inf


def carried(evidence: Evidence, lines: Lines) -> Carried:
    """Return what carried the lines; requests that the broker refused as a whole are left out."""
    sent = lines.sent(evidence)
    taken = [
        each for each in evidence.requests_of("PRODUCE") if any(part.error is None for part in each.parts)
    ]
    return Carried(taken, len(sent), sum(len(each.line.text) + 1 for each in sent))


def keeps_up(evidence: Evidence, lines: Lines, *, most: int) -> None:
    """Expect that the wall limit does not come while lines are still sent, a few in each request."""
    if evidence.run.exit.status != "timed_out":
        return
    seen, given = carried(evidence, lines), len(lines.given(evidence))
    if seen.records >= given or len(seen.requests) * given <= most * seen.records:
        return
    cause, advice = next(_why_many(evidence, seen))
    limit = f"{evidence.run.wall_limit_s:.0f} s"
    fail(
        f"After {limit}, when the program was ended, {seen.records:,} of {number(given, lines.noun)} had "
        f"been stored, in {number(len(seen.requests), 'Produce request')}. {cause}",
        expected=f"The program ends by itself within {limit}, with exit code 0.",
        advice=advice,
    )


def few_requests(evidence: Sequence[Evidence], lines: Lines, *, most: int) -> None:
    """Expect at most so many Produce requests for all lines of the file.

    Args:
        evidence: Runs on one file, of which the better one counts: without linger, how many records
            gather for a request depends on how busy the machine is.
    """
    runs = [(carried(each, lines), each) for each in evidence]
    seen, run = min(runs, key=lambda each: each[0].per_record(len(each[0].requests)))
    given = len(lines.given(run))
    if len(seen.requests) <= most:
        return
    cause, advice = next(_why_many(run, seen))
    fail(
        f"{number(seen.records, 'record')} took {number(len(seen.requests), 'Produce request')}: "
        f"{seen.records / len(seen.requests):.1f} records in each. {cause}".strip(),
        expected=f"At most {most} requests for {number(given, lines.noun)}: {given // most} or more in each.",
        advice=advice,
    )


def _why_many(evidence: Evidence, seen: Carried) -> Iterator[Said]:
    connections, requests = len(seen.sources), len(seen.requests)
    if connections > 1 and requests < 2 * connections:
        yield (
            f"They came over {connections:,} connections: a producer was made for every one or two requests.",
            f"Make it once, before the loop. {line_calling(evidence, *MAKING)}".strip(),
        )
    waiting = line_beside_send(evidence, *WAITING)
    if seen.records < ALONE * requests:
        yield (
            "Each record travelled alone: it was waited for before the next was sent.",
            "Send them all and wait once, after the loop: keep the futures in a list and look at them there. "
            f"{waiting}".strip(),
        )
    pausing = line_beside_send(evidence, "sleep")
    if pausing:
        advice = "Take the pauses out. Where a stream is slow by itself, a larger `linger_ms` gathers it."
        cause = "The program pauses between records, and a batch that is not full leaves all the same."
        yield cause, f"{advice} {pausing}"
    if waiting:
        advice = f"Wait once, after the loop: batches fill only while nothing waits for them. {waiting}"
        yield "The loop waits for the broker again and again, and each wait sends what is there.", advice
    yield from _why_small(evidence, seen)


def _why_small(evidence: Evidence, seen: Carried) -> Iterator[Said]:
    size = line_setting(evidence, *BATCH_SIZE)
    per_batch = f"A batch held {number(round(seen.records / max(len(seen.parts), 1)), 'record')}"
    if size:
        cause = f"{per_batch}: it is sent as soon as it is full, and what a batch may hold is set low."
        yield cause, f"Let batches be larger, 65,536 bytes or more. {size}"
    partitions = {part.partition for part in seen.parts}
    if len(partitions) > 1 and all(len(each.parts) == 1 for each in seen.requests):
        cause = f"{per_batch}, and each request brought one batch to one of {len(partitions)} partitions."
        advice = "Let batches gather for longer, say with `linger.ms` at 100: confluent-kafka's default is 5."
        yield cause, advice
    yield f"{per_batch}.", "Give batches more room and more time: a larger `batch_size`, and `linger_ms=50`."


def few_bytes(evidence: Sequence[Evidence], lines: Lines, *, share: float) -> None:
    """Expect that the record batches have at most this share of the bytes of the lines that they hold.

    Args:
        evidence: Runs on one file, of which the better one counts.
    """
    runs = [(carried(each, lines), each) for each in evidence]
    seen, run = min(runs, key=lambda each: each[0].per_record(each[0].batch_bytes))
    if seen.batch_bytes <= share * seen.line_bytes:
        return
    cause, advice = next(_why_heavy(run, seen))
    fail(
        f"The batches had {seen.batch_bytes:,} bytes, {share_of(seen.batch_bytes, seen.line_bytes)} of the "
        f"{seen.line_bytes:,} bytes of their lines. {cause}",
        expected=f"At most {100 * share:.0f} %: {int(share * seen.line_bytes):,} bytes.",
        advice=advice,
    )


def _why_heavy(evidence: Evidence, seen: Carried) -> Iterator[Said]:
    setting = line_setting(evidence, *COMPRESSION)
    per_batch = seen.records / max(len(seen.parts), 1)
    if not setting:
        yield "No batch was compressed: no client does that unless it is told to.", SET_COMPRESSION
    if per_batch < ALONE:
        cause = "A batch is compressed as a whole, and each held one record, with nothing alike in it."
        advice = "Let records gather into batches, and compression will find what they have in common."
        yield cause, f"{advice} {setting}"
    if seen.batch_bytes >= seen.line_bytes:
        advice = f"Is the setting spelt as the client knows it, and not `None` or `none`? {setting}"
        yield "So no batch was compressed.", advice
    yield (
        f"A batch is compressed as a whole, and one held {per_batch:.0f} records: few that are alike.",
        f"Larger batches compress better: a larger `batch_size`, and `linger_ms=50`. {setting}",
    )


def one_connection(evidence: Evidence) -> None:
    """Expect that to each broker one connection carries all Produce requests."""
    sources = {(each.broker, each.source) for each in evidence.requests_of("PRODUCE")}
    brokers = {broker for broker, _ in sources}
    if len(sources) <= len(brokers):
        return
    makers = list(Source(evidence.submission.files).calls(*MAKING))
    where = f"See {makers[0].place}." if makers else ""
    fail(
        f"{len(sources):,} connections carried records to {number(len(brokers), 'broker')}: each producer "
        "has one of its own.",
        expected="One connection to each broker.",
        advice="One producer is enough, also for several threads: make it once, and let all of them use it. "
        f"Its batches fill sooner, too. {where}".strip(),
    )
