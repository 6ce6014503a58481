"""What one grading holds of the machine: reaper, sandbox, folder; all of it given back at the end."""

import contextlib
import importlib.metadata
import itertools
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.broker import Broker
from grader.broker.external import ExternalBroker
from grader.broker.jars import KAFKA_VERSION
from grader.broker.local import LocalBroker
from grader.errors import SetupError, UsageError
from grader.lane import Workshop
from grader.model import Environment
from grader.reaper import Reaper
from grader.relay import Relay
from grader.sandbox.basic import BasicSandbox

OWN_KINDS = ("local", "docker")


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
    with Reaper.start() as reaper:
        environment = dict(reaper.environment)
        numbers = itertools.count(1)

        def open_broker(folder: Path) -> tuple[Relay | None, Broker]:
            return open_one(folder.with_name(f"{folder.name}-{next(numbers)}"), environment)

        yield Workshop(
            reaper.root,
            BasicSandbox(environment, groups=reaper),
            open_broker,
            environment,
            None if kind in OWN_KINDS else 1,
        )


Opener = Callable[[Path, Mapping[str, str]], tuple[Relay | None, Broker]]


def _opener(kind: str, properties: Path | None) -> Opener:
    if properties is not None and kind in OWN_KINDS:
        raise UsageError("--broker-properties goes with --broker HOST:PORT.")
    if kind == "local":
        return _open_local
    if kind == "docker":
        return _open_docker
    addresses = _addresses(kind)
    return lambda _folder, _environment: (None, ExternalBroker(addresses, properties=properties))


def _open_local(folder: Path, environment: Mapping[str, str]) -> tuple[Relay, Broker]:
    return _behind_a_relay(
        lambda advertised: LocalBroker(folder, advertised=advertised, environment=environment)
    )


def _open_docker(folder: Path, _environment: Mapping[str, str]) -> tuple[Relay, Broker]:
    from grader.broker.docker import DockerBroker

    return _behind_a_relay(lambda advertised: DockerBroker(folder, advertised=advertised))


def _behind_a_relay(start: Callable[[str], Broker]) -> tuple[Relay, Broker]:
    """Bind a relay first, so that the broker can advertise it."""
    relay = Relay.listen()
    try:
        return relay, start(relay.addresses[0])
    except BaseException:
        relay.close()
        raise


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
