"""What one grading holds of the machine: reaper, sandbox, folder; all of it given back at the end."""

import contextlib
import importlib.metadata
import itertools
import platform
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from grader import room
from grader.broker import OWN_KINDS, Broker
from grader.broker.jars import KAFKA_VERSION
from grader.broker.local import LocalBroker
from grader.broker.node import HOST
from grader.broker.spare import SpareBroker
from grader.errors import SetupError, UsageError
from grader.lane import Site, Workshop
from grader.model import Environment
from grader.reaper import Reaper
from grader.relay import Relay
from grader.relay.doors import listen
from grader.sandbox.basic import BasicSandbox

# Measured: 38 MB at most in a grading of all exercises.
DISK_BYTES = 50_000_000
# Measured: a broker 165 MB resident, half of it files that brokers share; grader, judge and program 250 MB.
BROKER_BYTES, BESIDE_BROKERS_BYTES = 200_000_000, 300_000_000


@contextlib.contextmanager
def workshop(kind: str, isolation: str = "auto", properties: Path | None = None) -> Iterator[Workshop]:
    """Hold what lanes are made of, for a kind of broker: `local`, `docker` or an address list.

    Args:
        properties: Client settings by which the grader reaches a broker at an address.

    Raises:
        SetupError: The isolation asked for cannot be had.
        UsageError: The kind is neither a known word nor `HOST:PORT,…`.
    """
    if isolation == "full":
        raise SetupError(
            "Programs can be run with basic isolation only on this machine.", cure="Leave --isolation out."
        )
    open_one = _opener(kind, properties)
    _check_disk(Path(tempfile.gettempdir()))
    with Reaper.start() as reaper:
        environment = dict(reaper.environment)
        numbers = itertools.count(1)

        def open_site(folder: Path, brokers: int) -> Site:
            own = folder.with_name(f"{folder.name}-{next(numbers)}")
            return open_one(own, environment) if brokers == 1 else _open_cluster(own, environment)

        yield Workshop(
            reaper.root,
            BasicSandbox(environment, groups=reaper),
            open_site,
            environment,
            lanes_of_room() if kind in OWN_KINDS else 1,
            clusters=kind == "local",
        )


def _check_disk(folder: Path) -> None:
    """Say at once what a broker on a full disk would show by hanging for a minute."""
    free = shutil.disk_usage(folder).free
    if free < DISK_BYTES:
        raise SetupError(
            f"The disk of the temporary folder {folder} is full: {free / 1e6:.1f} MB are free, and a grading "
            f"needs {DISK_BYTES // 10**6} MB.",
            cure="Free some, or set TMPDIR to a folder on another disk.",
        )


def lanes_of_room() -> int:
    """Return how many brokers side by side there is memory for; one is always tried."""
    return max(1, (room.free_memory_bytes() - BESIDE_BROKERS_BYTES) // BROKER_BYTES)


Opener = Callable[[Path, Mapping[str, str]], Site]


def _opener(kind: str, properties: Path | None) -> Opener:
    if properties is not None and kind in OWN_KINDS:
        raise UsageError("--broker-properties goes with --broker HOST:PORT.")
    if kind == "local":
        return _open_local
    if kind == "docker":
        return _open_docker
    from grader.broker.external import ExternalBroker

    addresses = _addresses(kind)
    return lambda _folder, _environment: Site(ExternalBroker(addresses, properties=properties))


def _open_local(folder: Path, environment: Mapping[str, str]) -> Site:
    return _on_the_spare() or _behind_a_relay(
        lambda advertised: LocalBroker(folder, advertised=advertised, environment=environment)
    )


def _on_the_spare() -> Site | None:
    """Use the broker that stays warm for gradings, where there is one and it is free."""
    spare = SpareBroker.borrowed()
    if spare is None:
        return None
    try:
        return Site(spare, Relay([listen(socket.AF_INET, HOST, spare.advertised_port)]))
    except OSError:  # somebody has taken the relay's port meanwhile
        spare.stop()
        return None


def _open_docker(folder: Path, _environment: Mapping[str, str]) -> Site:
    from grader.broker.docker import DockerBroker

    return _behind_a_relay(lambda advertised: DockerBroker(folder, advertised=advertised))


def _behind_a_relay(start: Callable[[str], Broker]) -> Site:
    """Bind a relay first, so that the broker can advertise it."""
    with contextlib.ExitStack() as held:
        relay = held.enter_context(Relay.listen())
        broker = start(relay.addresses[0])
        held.pop_all()
    return Site(broker, relay)


def _open_cluster(folder: Path, environment: Mapping[str, str]) -> Site:
    from grader.replication import open_cluster

    front, replication = open_cluster(folder, environment)
    return Site(replication.cluster, front, replication)


def environment(kind: str, isolation: str) -> Environment:
    """Return the versions and conditions that a report names."""
    return Environment(
        python=platform.python_version(),
        kafka_python=importlib.metadata.version("kafka-python"),
        kafka=KAFKA_VERSION if kind in OWN_KINDS else "as the broker has it",
        broker=kind,
        isolation=isolation,
    )


def _addresses(kind: str) -> Sequence[str]:
    addresses = [each.strip() for each in kind.split(",")]
    for address in addresses:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise UsageError(
                f"“{kind}” is not a broker.", cure="Say --broker local, or --broker HOST:PORT[,HOST:PORT…]."
            )
    return addresses
