"""The nouns of a grading, as frozen values. Only the standard library is imported here.

A grading is a straight line: a `Submission` is run under the conditions of a `Scenario`; what
happened is frozen as `Evidence`; a check turns evidence into an `Outcome`; outcomes make a `Report`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

RunStatus = Literal["exited", "signalled", "timed_out", "out_of_memory", "output_limit", "not_started"]
CheckOutcome = Literal["passed", "failed", "blocked", "error"]
ExerciseOutcome = Literal["passed", "failed", "error", "not_attempted"]


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
class Topic:
    """A topic that exists before the program starts.

    Attributes:
        config: Topic settings by the names of Kafka's reference, such as `max.message.bytes`.
        replicas: The node ids that hold each partition, its first leader first. Where none are given,
            a cluster's brokers take turns to lead and all hold everything.
        begins_at: The offset at which each partition begins, as where older records have been deleted;
            0 where none is given.
    """

    name: str
    partitions: int = 3
    config: Mapping[str, str] = field(default_factory=dict)
    replicas: tuple[tuple[int, ...], ...] = ()
    begins_at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stall:
    """The run's first Produce is held once for `hold_s`; it is dropped if the client hangs up meanwhile."""

    hold_s: float
    name: Literal["stall"] = "stall"


@dataclass(frozen=True, slots=True)
class FirstContactDies:
    """A door of the relay shuts for good, with its connections, after its first Metadata answer.

    Attributes:
        door: The door of that number; None for whichever is the first to pass such an answer. (Clients
            draw one of the addresses they are given, so a door named in advance may never be tried.)
    """

    door: int | None = None
    name: Literal["first_contact_dies"] = "first_contact_dies"


@dataclass(frozen=True, slots=True)
class LeaderKilled:
    """The broker that leads the topics is killed in mid-run, while one follower lacks some of its records.

    Once that follower has fetched `after_bytes`, further answers to it are held; when the leader's log
    has stopped growing, or the program has ended, the leader is killed. Whether the next leader is the
    one that lacks records is a matter of the topics' replicas: the first that is in sync leads next.

    Attributes:
        leader: Node id; never 1, which is the controller.
        behind: Node id of the follower.
    """

    leader: int
    behind: int
    after_bytes: int = 4096
    name: Literal["leader_killed"] = "leader_killed"


@dataclass(frozen=True, slots=True)
class BrokerStopped:
    """A broker is stopped before the run, and the others know it; never 1, which is the controller."""

    broker: int
    name: Literal["broker_stopped"] = "broker_stopped"


@dataclass(frozen=True, slots=True)
class ReplicationSlowed:
    """Each answer to a follower's fetch is passed on `delay_s` late."""

    delay_s: float
    name: Literal["replication_slowed"] = "replication_slowed"


Fault = Stall | FirstContactDies | LeaderKilled | BrokerStopped | ReplicationSlowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The stated conditions of one run.

    Attributes:
        name: Unique within the exercise; shown in the report.
        title: The conditions in a few words, for people.
        topics: The topics made anew before the run.
        args: Arguments of the program.
        files: Files put beside the program, by name.
        fault: What goes wrong on purpose, if anything.
        brokers: How many there are: 1, or 3 with the node ids 1 (the controller, too), 2 and 3.
        contacts: What the program is given as its bootstrap servers: a broker each, by its node id, at
            an address of its own; None for an address where nothing listens. Where none are given, the
            addresses that the brokers advertise.
        collect: Names of files that the program writes and the grader reads afterwards.
        wall_limit_s: The run is ended after this many seconds.
        program: An experiment's own program, run in place of the submission's `producer.py`.
    """

    name: str
    title: str
    topics: tuple[Topic, ...]
    args: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    fault: Fault | None = None
    brokers: int = 1
    contacts: tuple[int | None, ...] = ()
    collect: tuple[str, ...] = ()
    wall_limit_s: float = 30.0
    program: bytes | None = None


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


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said of a check that did not pass.

    Attributes:
        seen: What was seen, with figures and places.
        expected: What a correct program shows there.
        advice: What to try next.
    """

    seen: str = ""
    expected: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One graded fact as the exercise declares it.

    Attributes:
        id: The function's name without `check_`.
        title: A true statement about a correct program.
        scenarios: Names of the scenarios whose evidence it reads.
        after: Ids of the checks on which it hangs.
        request_log: Whether it reads the program's requests, which the broker's request log alone holds.
    """

    id: str
    title: str
    max_points: int
    scenarios: tuple[str, ...]
    after: tuple[str, ...] = ()
    request_log: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """A written answer beside what the broker did.

    Attributes:
        claim: The question's name in answers.toml.
        last: The answer that was judged, in words.
        truth: The answer that the experiment gave, in words.
        because: The experiment's figures.
        first: The answer that was judged first, in earlier gradings; empty where that is not known.
    """

    claim: str
    question: str
    last: str
    truth: str
    because: str
    correct: bool
    first: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the rubric by which a teacher reads an explanation."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was handed in as prose, and what a teacher gave for it, where one did.

    Attributes:
        text: `explanation.md`, as handed in.
        rubric: By which it is read; its points stand beside the score and are no part of it.
    """

    text: str
    rubric: tuple[Criterion, ...]
    teacher_points: int | None = None
    comment: str = ""

    @property
    def teacher_max(self) -> int:
        """The points that a teacher can give."""
        return sum(criterion.points for criterion in self.rubric)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check.

    Attributes:
        prediction: The written answer that it judged, where it judged one.
    """

    check: Check
    outcome: CheckOutcome
    points: int
    feedback: Feedback = field(default_factory=Feedback)
    prediction: Prediction | None = None


@dataclass(frozen=True, slots=True)
class ExerciseReport:
    """One exercise of a report.

    Attributes:
        title: The heading of the exercise's README.
        evidence: What was seen, by the scenario's name, in the order of running.
        trouble: For outcome `error`: what failed on our side, and what mends it.
        cure: What mends it, alone; empty where that is not known.
        advice: Remarks that cost no points.
        explanation: What was handed in as prose, where the exercise asks for it.
    """

    id: str
    title: str
    outcome: ExerciseOutcome
    outcomes: tuple[Outcome, ...]
    digest: str = ""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    advice: tuple[str, ...] = ()
    trouble: str = ""
    cure: str = ""
    explanation: Explanation | None = None

    @property
    def score(self) -> int:
        """Points earned."""
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def max_score(self) -> int:
        """Points of all declared checks."""
        return sum(outcome.check.max_points for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Environment:
    """Versions and conditions under which a grading ran."""

    python: str
    kafka_python: str
    kafka: str
    broker: str
    isolation: str


@dataclass(frozen=True, slots=True)
class Report:
    """All of one submission.

    Attributes:
        complete: Whether every check of every exercise was judged (no outcome `error`, none cut short).
        seed: Equal seeds give equal ids, outcomes, points and first-named causes.
    """

    exercises: tuple[ExerciseReport, ...]
    complete: bool
    seed: int
    kit_version: str
    environment: Environment

    @property
    def score(self) -> int:
        """Points earned in all exercises."""
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> int:
        """Points of all exercises."""
        return sum(exercise.max_score for exercise in self.exercises)
