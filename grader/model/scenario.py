"""The stated conditions of a run: topics, files, and the fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


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
