"""Addresses that lead to no broker: nothing there, another protocol, no such host."""

import re

from grader.diagnosis.case import Case, at, cause
from grader.diagnosis.source import Place
from grader.model import Feedback

VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
# What the three clients say of a first contact that failed.
NO_CONTACT = re.compile(
    r"Unable to bootstrap from|Unable connect to|NoBrokersAvailable"
    r"|Connect to \S+ failed|Failed to resolve|_ALL_BROKERS_DOWN"
)
# kafka-python and aiokafka name them in a list, confluent-kafka at the beginning of its log lines.
NAMED = (
    re.compile(r"Unable to bootstrap from \['([^']+)'"),
    re.compile(r"Unable to bootstrap from \[\('([^']+)', (\d+)"),
    re.compile(r"Unable to bootstrap from ([\w.-]+(?::\d+)?)"),
    re.compile(r"\|FAIL\|[^|]*\| \[thrd:([^/\]]+)"),
)
REFUSED = re.compile(r"[Cc]onnection refused|ECONNREFUSED|Connect call failed")
NO_HOST = re.compile(
    r"Failed to resolve|Name or service not known|nodename nor servname|name resolution|gaierror|DNS lookup"
)
READ_IT = (
    f'Read the address from the environment: `os.environ.get("{VARIABLE}", "localhost:9092")`. '
    "The broker that grades is at a port of its own in every grading."
)
TLS = "\\x16\\x03"
HTTP = re.compile(r"^(GET|POST|PUT|HEAD|CONNECT) ")


def other_protocol(case: Case) -> Feedback | None:
    """The program reached the broker and did not speak Kafka's plain protocol."""
    traffic = case.evidence.traffic
    if traffic is None or not traffic.not_kafka or traffic.requests:
        return None
    opening = traffic.not_kafka[0]
    setting = next(
        (each for each in case.source.calls("KafkaProducer") if each.has("security_protocol")), None
    )
    place = at(setting.place if setting else None, "; the setting is at ")
    if TLS in opening or opening.startswith("\x16"):
        return cause(
            f"The program began a TLS handshake with the broker, which speaks plain text here{place}.",
            "Leave `security_protocol` and the settings that begin with `ssl` out.",
        )
    what = "HTTP" if HTTP.match(opening) else "something else than Kafka's protocol"
    return cause(f"The program spoke {what} to the broker.", "Use a Kafka client, such as `KafkaProducer`.")


def no_value(case: Case) -> Feedback | None:
    """The address that the producer was given is None."""
    raised, place = case.raised, case.raised_at()
    if raised is None or place is None or "'NoneType' object is not iterable" not in raised.message:
        return None
    if "Producer(" not in place.text and "__init__" not in {frame.function for frame in raised.frames}:
        return None
    return cause(
        f"The producer's address is None, at {place}.",
        f"Is the variable's name spelled `{VARIABLE}`? A variable that is not there reads as None.",
    )


def no_address(case: Case) -> Feedback | None:
    """The producer was given no address at all, so that the library's default was dialled."""
    if case.connected or not (case.timed_out or (case.raised and NO_CONTACT.search(case.raised.message))):
        return None
    place = without(case)
    return cause(f"The producer is given no address, at {place}.", READ_IT) if place else None


def without(case: Case) -> Place | None:
    """Return the line at which a producer is made and given no address."""
    for call in case.source.calls("KafkaProducer", "AIOKafkaProducer"):
        given = {each.arg for each in call.node.keywords}
        if not call.node.args and not given & {None, "bootstrap_servers"}:
            return call.place
    return None


def no_contact(case: Case) -> Feedback | None:
    """The program dialled an address where no broker is."""
    if case.connected:
        return None
    text = f"{case.raised.kind}: {case.raised.message}" if case.raised else ""
    failed = NO_CONTACT.search(f"{text}\n{case.stdout}\n{case.stderr}") or case.waited_in("bootstrap")
    if not failed and not (case.timed_out and _dialled(case) and case.connected is False):
        return None
    address = _dialled(case)
    if not address or address in case.evidence.bootstrap_servers.split(","):
        return None
    place = next((place for literal, place in case.source.addresses() if address in literal), None)
    where = at(place or case.raised_at() or case.waited_at(), ", dialled at ")
    host = address.rpartition(":")[0]
    if NO_HOST.search(case.stderr) or _unheard_of(host):
        return cause(f"There is no host `{host}` here{where}.", READ_IT)
    if REFUSED.search(case.stderr):
        return cause(f"Nothing listens at `{address}`{where}.", READ_IT)
    return cause(f"No Kafka broker answers at `{address}`{where}.", READ_IT)


def _dialled(case: Case) -> str:
    """Return the address that was tried in vain, as `host:port`."""
    for pattern in NAMED:
        if found := pattern.search(case.stderr):
            return ":".join(found.groups())
    return next((address for address, _ in case.source.addresses()), "")


def _unheard_of(host: str) -> bool:
    # A container's name, such as `kafka` or `broker-1`, is known inside its own network only.
    return "." not in host and ":" not in host and host != "localhost"
