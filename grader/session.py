"""What one grading holds of the machine: reaper, sandbox, folder; all of it given back at the end."""

import contextlib
import importlib.metadata
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.broker import Broker
from grader.broker.external import ExternalBroker
from grader.broker.jars import KAFKA_VERSION
from grader.broker.local import LocalBroker
from grader.errors import UsageError
from grader.lane import Workshop
from grader.model import Environment
from grader.reaper import Reaper
from grader.relay import Relay
from grader.sandbox.basic import BasicSandbox


@contextlib.contextmanager
def workshop(kind: str, isolation: str = "auto") -> Iterator[Workshop]:
    """Hold what lanes are made of, for a kind of broker: `local` or an address list.

    Raises:
        UsageError: The kind is neither a known word nor `HOST:PORT,…`.
    """
    addresses = None if kind == "local" else _addresses(kind)
    with Reaper.start() as reaper:
        environment = dict(reaper.environment)

        def open_broker(folder: Path, relay: Relay) -> Broker:
            if addresses is not None:
                return ExternalBroker(addresses)
            return LocalBroker(folder, advertised=relay.addresses[0], environment=environment)

        yield Workshop(reaper.root, BasicSandbox(environment, groups=reaper), open_broker, environment)


def environment(kind: str, isolation: str) -> Environment:
    """Return the versions and conditions that a report names."""
    return Environment(
        python=platform.python_version(),
        kafka_python=importlib.metadata.version("kafka-python"),
        kafka=KAFKA_VERSION if kind == "local" else "as the broker has it",
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
