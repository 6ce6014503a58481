"""What was handed in, how its run went, and what the broker saw of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from grader.model.scenario import Scenario

RunStatus = Literal["exited", "signalled", "timed_out", "out_of_memory", "output_limit", "not_started"]


@dataclass(frozen=True, slots=True)
class Submission:
    """What is handed in for one exercise.

    Attributes:
        exercise: The exercise's id, such as `01_hello_kafka`.
        files: The regular files handed in, by name, as bytes.
        ignored: Names that were there and are not used, each with the reason.
        digest: SHA-256 over names and contents, in hexadecimal.
        not_attempted: Whether `producer.py` is still the stub (equal syntax tree) and nothing is predicted.
    """

    exercise: str
    files: Mapping[str, bytes]
    digest: str
    ignored: Mapping[str, str] = field(default_factory=dict)
    not_attempted: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ended: `code` when it exited, `signal` (such as `SIGSEGV`) when a signal ended it."""

    status: RunStatus
    code: int | None = None
    signal: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a program.

    Attributes:
        stdout: The first and the last bytes of what it printed, cut in the middle when long.
        stdout_bytes: How many bytes it printed in all.
        wall_limit_s: The limit that applied to it.
        files: Files named by the scenario's `collect`, as the program left them.
        isolation: The sandbox's tier.
    """

    exit: Exit
    stdout: bytes
    stderr: bytes
    duration_s: float
    wall_limit_s: float
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict)
    isolation: str = "basic"

    @property
    def ended_well(self) -> bool:
        """Whether the program ended by itself with exit code 0."""
        return self.exit.status == "exited" and self.exit.code == 0


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a topic, as the broker stored it."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    @property
    def place(self) -> str:
        """Where the record is, written `orders-2@17`."""
        return f"{self.topic}-{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class PartitionRequest:
    """One topic or partition named in a request, and what the broker answered for it.

    Attributes:
        partition: The partition, or None where the request names whole topics (Metadata).
        size_bytes: Size of the record batches sent for it.
        error: Kafka's name of the error, such as `UNKNOWN_TOPIC_OR_PARTITION`; None when none.
    """

    topic: str
    partition: int | None
    size_bytes: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the program, from the broker's own request log.

    Attributes:
        api: Kafka's name of the request, such as `PRODUCE`.
        client_id: What the client calls itself; never an identity.
        software: Client library and version as it states them, such as `kafka-python 3.0.12`.
        source: Source address of the connection, `host:port`; chosen by the relay.
        broker: Node id of the broker that logged it.
        acks: For Produce: -1 (all), 0 or 1.
        error: Error of the request as a whole, where it has one.
    """

    api: str
    version: int
    client_id: str
    software: str
    source: str
    broker: int
    acks: int | None = None
    error: str | None = None
    parts: tuple[PartitionRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the relay saw of a run.

    Attributes:
        connections: Connections that were accepted.
        doors: Connections by the address that was dialled, `host:port`.
        requests: Requests by api key that passed to the broker.
        bytes_in: Bytes from the program.
        not_kafka: Openings of connections that do not speak Kafka's protocol, as printable text.
        refused: How many connections a cap refused or ended, by the cap's name.
        stall: What became of the stalled Produce: `released`, `dropped` (the client hung up),
            `unreached` (no Produce came), or None where nothing was to be stalled.
        fault_reached: Whether the fault's trigger was reached; None where there was no fault.
        unfinished: Connections whose broker had not answered everything when pens-down's limit was
            reached; they were cut.
    """

    connections: int = 0
    doors: Mapping[str, int] = field(default_factory=dict)
    requests: Mapping[int, int] = field(default_factory=dict)
    bytes_in: int = 0
    not_kafka: tuple[str, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    stall: Literal["released", "dropped", "unreached"] | None = None
    fault_reached: bool | None = None
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """What was so at one moment of a run.

    Attributes:
        title: When, in a few words.
        files: Those named by the scenario's `collect`, looked at first.
        records: What every in-sync replica had stored, looked at next.
    """

    title: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of one run; immutable, saved as JSON.

    Attributes:
        submission: What was run.
        scenario: Under which conditions.
        run: How the program did.
        records: Every record stored in any topic during the run, by topic, partition and offset.
        requests: The program's requests, from the broker's request log, in its order.
        request_log: Whether the broker's request log could be read; if not, `requests` is empty.
        traffic: What the relay saw; None where no relay of ours stood in front.
        topics: Every topic at the end, with its number of partitions.
        bootstrap_servers: The address list that the program was given.
        brokers: The address that each broker advertises, `host:port`, by its node id; empty where it is
            not ours to know.
        leaders: The node that led each partition when the run began, by topic.
        moments: What was looked at during the run; a killed leader, right before its end.
    """

    submission: Submission
    scenario: Scenario
    run: Run
    records: tuple[Record, ...]
    requests: tuple[Request, ...]
    topics: Mapping[str, int]
    bootstrap_servers: str
    traffic: Traffic | None = None
    request_log: bool = True
    open_transactions: tuple[str, ...] = ()
    brokers: Mapping[int, str] = field(default_factory=dict)
    leaders: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()

    def of_topic(self, name: str) -> tuple[Record, ...]:
        """The records of one topic, by partition and offset."""
        return tuple(record for record in self.records if record.topic == name)

    def requests_of(self, api: str) -> tuple[Request, ...]:
        """The program's requests of one kind, such as `PRODUCE`."""
        return tuple(request for request in self.requests if request.api == api)
