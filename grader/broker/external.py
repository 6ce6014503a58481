"""The address adapter: a broker that somebody else runs, such as one from docker-compose.

It stands behind no relay and its request log is not ours to read. Topics are made and deleted
only on a cluster where the kit has put its marker, or where none of the names is in use.
"""

from collections.abc import Collection, Mapping, Sequence

from grader.broker import Offer
from grader.broker.wire import api_versions
from grader.errors import BrokerError
from grader.model import Request

REASON = (
    "this broker was named by its address, so no relay stands in front of it and its request log cannot be "
    "read; leave --broker out to have this check judged"
)


class ExternalBroker:
    """A broker at an address.

    Args:
        addresses: `host:port`, one or more.

    Raises:
        BrokerError: Nothing there answers Kafka's protocol.
    """

    kind = "external"
    offer = Offer(relay=False, request_log=False, reason=REASON)

    def __init__(self, addresses: Sequence[str]) -> None:
        self.servers = ",".join(addresses)
        self.upstreams = tuple(_parts(each) for each in addresses)
        self.check_alive()

    def mark(self) -> None:
        """There is no log to mark."""

    def requests(
        self, since: object, sources: Collection[str], topic_names: Mapping[str, str]
    ) -> tuple[Request, ...]:
        """Return nothing: there is no log to read."""
        return ()

    def check_alive(self) -> None:
        """Raise `BrokerError` unless one of the addresses answers."""
        if not any(api_versions(*each, client_id="grader-ready") for each in self.upstreams):
            raise BrokerError(
                f"No Kafka broker answers at {self.servers}.",
                cure="Start it, or leave --broker out: the kit then starts one of its own.",
            )

    def stop(self) -> None:
        """Leave it running: it is not ours."""


def _parts(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
