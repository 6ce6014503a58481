"""Turn one finished run into evidence: stored records and logged requests, frozen."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from grader.broker import Broker
from grader.model import Evidence, Run, Scenario, Submission, Traffic

if TYPE_CHECKING:  # a Kafka client is loaded while Kafka starts
    from grader.broker.topics import Topics


def collect(  # noqa: PLR0913 - the parts of one run, each by name
    broker: Broker,
    topics: "Topics",
    *,
    submission: Submission,
    scenario: Scenario,
    run: Run,
    traffic: Traffic | None,
    sources: Collection[str],
    since: object,
    bootstrap_servers: str,
) -> Evidence:
    """Read what the broker stored and logged for a run whose pens are down.

    Raises:
        BrokerError: The broker was lost during the run.
        EvidenceError: Records or requests could not be read in full.
    """
    broker.check_alive()
    sizes = topics.sizes()
    if traffic is None:
        topics.settle(tuple(sizes))
    requests = broker.requests(since, sources, topics.names()) if broker.offer.request_log else ()
    records, open_transactions = topics.read(tuple(sizes))
    return Evidence(
        submission=submission,
        scenario=scenario,
        run=run,
        records=records,
        requests=requests,
        topics=sizes,
        bootstrap_servers=bootstrap_servers,
        traffic=traffic,
        request_log=broker.offer.request_log,
        open_transactions=open_transactions,
    )
