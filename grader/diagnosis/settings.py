"""Settings that the client does not know, or does not understand."""

import difflib
import re
from collections.abc import Sequence

from grader.diagnosis.case import Case, at, cause
from grader.model import Feedback

UNKNOWN = r"Unrecognized configs: \{(.*)\}"
UNKNOWN_TO_CONFLUENT = r'No such configuration property: "([^"]+)"'
UNKNOWN_KEYWORD = r"(?:\w+\.)?__init__\(\) got an unexpected keyword argument '(\w+)'"
# Settings of KafkaProducer 3.0 that programs use; https://kafka-python.readthedocs.io/en/3.0.12/apidoc/KafkaProducer.html
KNOWN = (
    "acks",
    "batch_size",
    "bootstrap_servers",
    "bootstrap_timeout_ms",
    "client_id",
    "compression_type",
    "connections_max_idle_ms",
    "delivery_timeout_ms",
    "enable_idempotence",
    "key_serializer",
    "linger_ms",
    "max_block_ms",
    "max_in_flight_requests_per_connection",
    "max_request_size",
    "metadata_max_age_ms",
    "partitioner",
    "reconnect_backoff_ms",
    "request_timeout_ms",
    "retries",
    "retry_backoff_ms",
    "security_protocol",
    "transactional_id",
    "value_serializer",
)
REMOVED = {
    "buffer_memory": "Leave it out: kafka-python 3 has no such limit.",
    "api_version_auto_timeout_ms": "Leave it out; `bootstrap_timeout_ms` limits the first contact.",
}


def unknown_setting(case: Case) -> Feedback | None:
    """kafka-python or aiokafka does not know the name of a setting."""
    found = case.said(UNKNOWN)
    if found is not None:
        names = re.findall(r"'([^']+)': ", found[1]) or ["?"]
    elif case.raised is not None and (found := case.said(UNKNOWN_KEYWORD)) and _in_producer(case):
        names = [found[1]]
    else:
        return None
    listed = ", ".join(f"`{name}`" for name in names)
    return cause(
        f"The producer knows no setting {listed}{at(case.raised_at(), ', given at ')}.", _name(names[0])
    )


def _in_producer(case: Case) -> bool:
    return case.raised is not None and "Producer" in case.raised.message + "".join(
        frame.function for frame in case.raised.frames
    ) + str(case.raised_at())


def _name(name: str) -> str:
    if name in REMOVED:
        return REMOVED[name]
    underscored = name.replace(".", "_")
    if underscored != name:
        return f"Dotted names are for Java and confluent-kafka; here it is `{underscored}=…`."
    near = nearest(name, KNOWN)
    return (
        f"Did you mean `{near}`?"
        if near
        else "See the list of settings in the documentation of KafkaProducer."
    )


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the nearest of the known names, or nothing."""
    return next(iter(difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.6)), "")


def unknown_to_confluent(case: Case) -> Feedback | None:
    """confluent-kafka does not know the name of a setting."""
    found = case.said(UNKNOWN_TO_CONFLUENT)
    if found is None:
        return None
    dotted = found[1].replace("_", ".")
    advice = (
        f"confluent-kafka writes its settings with dots: `{dotted}`."
        if dotted != found[1]
        else "See the list of settings in the documentation of librdkafka."
    )
    return cause(
        f"confluent-kafka knows no setting `{found[1]}`{at(case.raised_at(), ', given at ')}.", advice
    )


def settings_as_a_dict(case: Case) -> Feedback | None:
    """KafkaProducer was given one dict, as confluent-kafka's Producer takes it."""
    found = case.said(r"KafkaProducer\.__init__\(\) takes 1 positional argument but \d+ were given")
    if found is None:
        return None
    return cause(
        f"KafkaProducer was given settings without their names{at(case.raised_at())}.",
        "Name each: `KafkaProducer(bootstrap_servers=…)`; or unpack a dict: `KafkaProducer(**settings)`.",
    )


def acks_refused(case: Case) -> Feedback | None:
    """The broker refused the acks of a Produce request."""
    for request in case.evidence.requests_of("PRODUCE"):
        if any(part.error == "INVALID_REQUIRED_ACKS" for part in request.parts):
            return cause(
                f"The record was sent with acks={request.acks}, which the broker refused.",
                'acks is 0, 1 or "all"; leave it out to get the default, "all".',
            )
    return None


def acks_as_text(case: Case) -> Feedback | None:
    """acks="0" or "1": kafka-python takes the text and then never sends anything."""
    gave_up = bool(case.said(r"Timeout after waiting for|Timeout waiting for future"))
    if case.evidence.requests_of("PRODUCE") or not (case.timed_out or gave_up):
        return None
    waited = gave_up or any(map(case.waited_in, ("flush", "get", "close")))
    for call in case.source.calls("KafkaProducer"):
        acks = call.keyword("acks")
        if acks is None and call.has("acks") and waited:
            # Its value is not in the source: an argument such as "1" is the text that was handed on.
            acks = next((each for each in case.evidence.scenario.args if each in {"0", "1"}), None)
        if isinstance(acks, str) and acks != "all":
            return cause(
                f'kafka-python took the text "{acks}" for acks and then sent nothing ({call.place}).',
                'Give a number, 0 or 1, or "all" in small letters; or leave it out, the default is "all".'
                if call.keyword("acks")
                else f'Make a number of "{acks}": arguments are text, and of texts only "all" is understood.',
            )
    return None
