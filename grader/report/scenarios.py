"""What happened in one scenario, in words and figures."""

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import (
    BrokerStopped,
    Evidence,
    FirstContactDies,
    LeaderKilled,
    ReplicationSlowed,
    Request,
    Run,
    Scenario,
    Stall,
)
from grader.report.text import CUT, VALUE_LENGTH, count, listed, seconds

# https://kafka.apache.org/protocol#protocol_api_keys: those that a producer program sends
API_NAMES = {
    0: "Produce",
    1: "Fetch",
    2: "ListOffsets",
    3: "Metadata",
    10: "FindCoordinator",
    18: "ApiVersions",
    19: "CreateTopics",
    22: "InitProducerId",
    24: "AddPartitionsToTxn",
    26: "EndTxn",
    32: "DescribeConfigs",
    60: "DescribeCluster",
    75: "DescribeTopicPartitions",
}
UNSAID = "unknown unknown"  # the broker's own words until a client has said what it is
ACKS = {-1: "all (-1)", 0: "0", 1: "1", None: ""}
RUN_ON = {
    "exited": "ended by itself",
    "signalled": "ended by a signal",
    "timed_out": "still running at its limit",
    "out_of_memory": "out of memory",
    "output_limit": "printed too much",
    "not_started": "not started",
}


def command(scenario: Scenario) -> str:
    """Return how the program was started, as one would type it; a long argument is cut."""
    return shlex.join(["python", "producer.py", *map(_argument, scenario.args)])


def _argument(text: str) -> str:
    return text if len(text) <= VALUE_LENGTH else f"{text[:VALUE_LENGTH]}{CUT} ({len(text):,} characters)"


def ending(run: Run) -> str:
    """Return how a run ended, as a sentence."""
    took = f"after {seconds(run.duration_s)}"
    match run.exit.status:
        case "exited":
            return f"It ended by itself with exit code {run.exit.code} {took}."
        case "signalled":
            return f"A signal, {run.exit.signal}, ended it {took}."
        case "timed_out":
            return f"It was still running at its limit of {seconds(run.wall_limit_s)} and was ended."
        case "out_of_memory":
            return f"It asked for more memory than it may have and was ended {took}."
        case "output_limit":
            return f"It printed more than it may and was ended {took}."
        case "not_started":
            return "It could not be started."


def ending_in_short(run: Run) -> str:
    """Return how a run ended in a few words."""
    if run.exit.status == "exited":
        return f"exit code {run.exit.code}"
    return (
        run.exit.signal or RUN_ON[run.exit.status]
        if run.exit.status == "signalled"
        else RUN_ON[run.exit.status]
    )


def fault(scenario: Scenario) -> str:
    """Return what goes wrong on purpose in a scenario, as a sentence; empty where nothing does."""
    match scenario.fault:
        case None:
            return ""
        case Stall(hold_s):
            return (
                f"The run's first Produce request is held for {seconds(hold_s)}, once. "
                "If the program hangs up meanwhile, the request is dropped."
            )
        case FirstContactDies():
            return "The first broker that is asked goes away for good after its first answer to Metadata."
        case LeaderKilled(leader, behind):
            return (
                f"Broker {behind} gets no new records from broker {leader} after the first few kB. When no "
                f"more are stored, broker {leader} is killed."
            )
        case BrokerStopped(broker):
            return f"Broker {broker} is stopped before the run."
        case ReplicationSlowed(delay_s):
            return f"Replication is slowed: each answer to a follower arrives {seconds(delay_s)} late."


@dataclass(frozen=True)
class RequestRow:
    """Requests of a program that are alike.

    Attributes:
        acks: In words, empty for requests that have none.
        software: As the client states it; empty where it has not, yet.
        errors: What the broker answered for its parts or for the whole, by Kafka's names.
    """

    api: str
    acks: str
    software: str
    errors: str
    number: int


def request_rows(evidence: Evidence) -> tuple[RequestRow, ...]:
    """Return the program's requests, alike ones as one row with their number, in order of first use."""
    found = Counter(
        (each.api, each.acks, "" if each.software == UNSAID else each.software, _errors(each))
        for each in evidence.requests
    )
    return tuple(
        RequestRow(api, ACKS.get(acks, str(acks)), software, errors, number)
        for (api, acks, software, errors), number in found.items()
    )


def _errors(request: Request) -> str:
    names = [request.error, *(part.error for part in request.parts)]
    return listed(sorted({name for name in names if name}))


def relay_facts(evidence: Evidence) -> Mapping[str, str]:
    """Return what the relay saw of a run, by what it is about; empty where none stood in front."""
    traffic = evidence.traffic
    if traffic is None:
        return {}
    doors = [f"{number:,} to {door}" for door, number in traffic.doors.items()]
    requests = [f"{API_NAMES.get(key, f'api {key}')} {number:,}" for key, number in traffic.requests.items()]
    refused = [f"{number:,} by the cap on {cap}" for cap, number in traffic.refused.items() if number]
    facts = {
        "Connections": f"{traffic.connections:,}" + (f" ({', '.join(doors)})" if doors else ""),
        "Requests passed on": ", ".join(requests),
        "Bytes from the program": f"{traffic.bytes_in:,}",
        "The held request": _stall(evidence),
        "Not Kafka's protocol": " | ".join(traffic.not_kafka),
        "Refused": ", ".join(refused),
        "Cut while the broker still owed an answer": f"{traffic.unfinished:,}" if traffic.unfinished else "",
    }
    return {name: fact for name, fact in facts.items() if fact}


def _stall(evidence: Evidence) -> str:
    match evidence.traffic and evidence.traffic.stall:
        case "released":
            return "The program waited, and the request was passed on."
        case "dropped":
            return "The program hung up before the hold was over, and the request was dropped."
        case "unreached":
            return "No Produce request came."
        case _:
            return ""


def output_note(kept: bytes, printed_bytes: int) -> str:
    """Return how much a program printed, and whether all of it was kept."""
    if printed_bytes > len(kept):
        return f"{count(printed_bytes, 'byte')} printed; the middle was not kept"
    return count(len(kept), "byte") if kept else "nothing"
