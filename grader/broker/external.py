"""The address adapter: a broker that somebody else runs, such as one from docker-compose.

No relay stands in front of it, for it advertises addresses of its own, and its request log is not ours to
read. Topics are made and deleted only where the kit made them: `marker` keeps the account.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from grader.broker import Offer
from grader.broker.marker import MarkedTopics
from grader.broker.properties import client_options
from grader.broker.wire import api_versions
from grader.errors import BrokerError, UsageError
from grader.model import Request

REASON = (
    "this broker was named by its address, so no relay stands in front of it and its request log cannot be "
    "read; leave --broker out to have this check judged"
)
# A refused password is tried again until this has passed, so it is not long.
ANSWER_LIMIT_MS = 8_000


class ExternalBroker:
    """A broker at an address.

    Args:
        addresses: `host:port`, one or more, as programs are given them.
        properties: A file of client settings, by which the grader's own clients reach it; `bootstrap.servers`
            in it names a listener of their own.

    Raises:
        UsageError: The file of settings cannot be understood.
        BrokerError: Nothing there answers Kafka's protocol.
    """

    kind = "external"
    offer = Offer(relay=False, request_log=False, cluster=False, reason=REASON)

    def __init__(self, addresses: Sequence[str], *, properties: Path | None = None) -> None:
        self._options = {} if properties is None else client_options(properties)
        self.upstreams = tuple(parts(each) for each in addresses)
        self.servers = str(self._options.pop("bootstrap_servers", ",".join(addresses)))
        self.check_alive()

    def topics(self) -> MarkedTopics:
        """Return the topics of this cluster that are the kit's."""
        return MarkedTopics(self.servers, self._options)

    def mark(self) -> None:
        """There is no log to mark."""

    def requests(
        self, since: object, sources: Collection[str], topic_names: Mapping[str, str]
    ) -> tuple[Request, ...]:
        """Return nothing: there is no log to read."""
        return ()

    def check_alive(self) -> None:
        """Raise `BrokerError` unless one of the addresses answers."""
        if self._options:
            self._connect()
        elif not any(
            api_versions(*parts(each), client_id="grader-ready") for each in self.servers.split(",")
        ):
            raise BrokerError(
                f"No Kafka broker answers at {self.servers}.",
                cure="Start it (`make up`), or leave --broker out: the kit then starts one of its own.",
            )

    def _connect(self) -> None:
        """Reach it as its settings say: by TLS or with a name, a bare probe gets no answer."""
        try:
            client = KafkaAdminClient(
                bootstrap_servers=self.servers, bootstrap_timeout_ms=ANSWER_LIMIT_MS, **self._options
            )
            with contextlib.closing(client):
                client.describe_cluster()
        except (KafkaError, OSError, ValueError) as error:
            raise BrokerError(
                f"The grader's clients cannot reach {self.servers} with these settings: {error}",
                cure="Try the same file and address with one of Kafka's own tools (--command-config).",
            ) from error

    def stop(self) -> None:
        """Leave it running: it is not ours."""


def parts(address: str) -> tuple[str, int]:
    """Return host and port of an address such as `localhost:9092` or `[::1]:9092`.

    Raises:
        UsageError: It is not written so.
    """
    host, _, port = address.strip().rpartition(":")
    if not host or not port.isdigit() or int(port) >= 2**16:
        raise UsageError(
            f"“{address}” is not an address.", cure="Write HOST:PORT, such as --broker localhost:9092."
        )
    return host.strip("[]"), int(port)
