"""Topics that do not exist, have an impossible name, or are not the one that was asked for."""

import difflib
import re
from collections.abc import Iterable

from grader.diagnosis.case import Case, at, cause, told
from grader.model import Feedback

MISSING = "UNKNOWN_TOPIC_OR_PARTITION"
ILLEGAL = r'Topic name "(.*)" is illegal'
# Exceptions that may be another's doing: what they say is weighed after the topic.
MAY_BE_THE_TOPIC = re.compile(r"Timeout|Unknown|KafkaException|KafkaError|Cancelled")
NOT_FOUND = re.compile(r"Topic (\S+) (?:is )?not (?:found|available)")


def illegal(case: Case) -> Feedback | None:
    """The first argument of send() cannot be a topic's name."""
    found = case.said(ILLEGAL)
    if found is None:
        return None
    place = at(case.raised_at())
    arguments = [call.node.args for call in case.source.calls("send", "send_and_wait", "produce")]
    swapped = any(len(each) > 1 and _literal(each[1]) in case.evidence.topics for each in arguments)
    if swapped:
        return cause(
            f"`{found[1]}` was given as the topic{place}.",
            "Swap the two arguments: the topic comes first, then the value.",
        )
    return cause(
        f"`{found[1]}` cannot be the name of a topic{place}.",
        "Names of topics have letters, digits, dots, underscores and hyphens, and nothing else.",
    )


def _literal(node: object) -> object:
    value = getattr(node, "value", None)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def as_bytes(case: Case) -> Feedback | None:
    """The topic was given as bytes."""
    if case.said("All topics must be strings") is None:
        return None
    return cause(
        f"The topic was given as something else than text{at(case.raised_at())}.",
        "Give the topic as `str`: only keys and values are bytes.",
    )


def missing(case: Case) -> Feedback | None:
    """The program asked for a topic that does not exist."""
    if case.raised is not None and not MAY_BE_THE_TOPIC.search(case.raised.kind):
        return None
    topic = _asked_in_vain(case)
    if not topic:
        return None
    where = told(case.source.literal(topic), "The name is written at")
    near = nearest(topic, case.evidence.topics)
    if not near:
        seen = f"The program asked for the topic `{topic}`, which does not exist.{where}"
        return cause(seen, f"Send to one that exists: {_listed(case.evidence.topics)}.")
    seen = f"The program asked for the topic `{topic}`. It does not exist; `{near}` does.{where}"
    if near.lower() == topic.lower():
        return cause(seen, f"Write `{near}`: capitals count in the names of topics.")
    return cause(seen, f"Write `{near}`, letter by letter.")


def _asked_in_vain(case: Case) -> str:
    asked = [part for request in case.evidence.requests_of("METADATA") for part in request.parts]
    for part in asked:
        if part.error == MISSING and part.topic not in case.evidence.topics:
            return part.topic
    if case.evidence.request_log:
        return ""
    found = NOT_FOUND.search(case.stderr)
    if found and found[1] not in case.evidence.topics:
        return found[1]
    if case.said("Failed to update metadata|Unknown topic"):
        names = (call.first() for call in case.source.calls("send", "send_and_wait", "produce"))
        return next(
            (name for name in names if isinstance(name, str) and name not in case.evidence.topics), ""
        )
    return ""


def nearest(topic: str, known: Iterable[str]) -> str:
    """Return the existing topic that is most likely meant, or nothing."""
    forms = {_form(each): each for each in known}
    near = difflib.get_close_matches(_form(topic), forms, n=1, cutoff=0.6)
    return forms[near[0]] if near else ""


def _form(topic: str) -> str:
    return topic.lower().replace("-", "_").replace(".", "_")


def _listed(topics: Iterable[str]) -> str:
    return ", ".join(f"`{topic}`" for topic in sorted(topics)) or "none"


def no_such_partition(case: Case) -> Feedback | None:
    """The program asked for a partition that the topic does not have."""
    found = case.said(r"Unrecognized partition (-?\d+) for topic (\S+)")
    if found is None:
        return None
    partition, topic = found[1], found[2]
    size = case.evidence.topics.get(topic)
    has = f"`{topic}` has the partitions 0 to {size - 1}: leave" if size else "Leave"
    return cause(
        f"`{topic}` has no partition {partition}, which was asked for{at(case.raised_at())}.",
        f"{has} `partition` out, and the client chooses one that is there.",
    )


def elsewhere(case: Case) -> Feedback | None:
    """Records are stored, but in a topic that the scenario does not name."""
    wanted = {topic.name for topic in case.evidence.scenario.topics}
    strayed = [record for record in case.evidence.records if record.topic not in wanted]
    if not strayed or not wanted:
        return None
    topic = strayed[0].topic
    count = sum(record.topic == topic for record in strayed)
    near = nearest(topic, wanted) or min(wanted)
    went = "1 record went" if count == 1 else f"{count} records went"
    return cause(
        f"{went} to the topic `{topic}`{at(case.source.literal(topic), ', written at ')}.",
        f"Send to `{near}`: the name counts letter by letter, capitals too.",
    )
