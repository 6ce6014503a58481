"""Remarks on how records were sent, from the broker's request log; they never cost a point."""

from collections.abc import Iterator

from grader.diagnosis.source import Source
from grader.model import Evidence

BATCH_SIZES = ("batch_size", "batch.size", "batch.num.messages", "max_batch_size")


def remark_on_producers(evidence: Evidence) -> Iterator[str]:
    """Yield a remark where more than one producer was at work; each has a connection for its records."""
    connections = len({request.source for request in evidence.requests_of("PRODUCE")})
    if connections > 1:
        yield (
            f"{connections} connections carried records, so that {connections} producers were at work, where "
            "one would do: make it once, before the loop, and use it for every `send()`."
        )


def remark_on_requests(evidence: Evidence, records: int) -> Iterator[str]:
    """Yield a remark where one producer needed a request for each of so many records."""
    produces = evidence.requests_of("PRODUCE")
    if len({request.source for request in produces}) == 1 and len(produces) >= records:
        took = f"{records} records took {len(produces)} Produce requests, at least one for each"
        alone = Source(evidence.submission.files).setting(BATCH_SIZES, lambda value: value in {0, 1})
        yield (
            f"{took}: a batch holds one record alone, at {alone}. Leave that out."
            if alone is not None
            else f"{took}: every send was waited for. Send them all, keep the futures, and look at them "
            "after the loop."
        )
