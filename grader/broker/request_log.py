"""Kafka's own request log, as requests: what the program really sent, and what it was answered.

The logger `kafka.request.logger` at DEBUG writes a line for each completed request, JSON behind a
fixed prefix (`RequestConvertToJson` in Kafka's source). It is evidence of the broker itself,
whatever client library the program uses.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from grader.model import PartitionRequest, Request

LOG_SETTINGS = """\
status = ERROR
appender.requests.type = File
appender.requests.name = REQUESTS
appender.requests.fileName = requests.log
appender.requests.append = true
appender.requests.layout.type = PatternLayout
appender.requests.layout.pattern = %m%n
appender.server.type = Console
appender.server.name = SERVER
appender.server.layout.type = PatternLayout
appender.server.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.server.ref = SERVER
logger.requests.name = kafka.request.logger
logger.requests.level = DEBUG
logger.requests.additivity = false
logger.requests.appenderRef.requests.ref = REQUESTS
"""
LISTENER = '"listener":"STUDENT"'
# A fence is looked for in the end of the log: only the broker's own few lines can follow it.
TAIL_BYTES = 262_144

Json = Mapping[str, Any]


def read(
    path: Path,
    *,
    since: int,
    sources: Collection[str] | None,
    topic_names: Mapping[str, str],
    broker: int = 1,
) -> Iterator[Request]:
    """Yield the requests behind byte `since` that came from one of these source addresses.

    Args:
        sources: `host:port` of the relay's own connections to the broker; None where the way to the
            broker hides them, for every request on the students' listener.
        topic_names: Names by topic id, for clients that name topics by id (Produce 13 and later).
    """
    with path.open("rb") as log:
        log.seek(since)
        for line in log:
            if LISTENER.encode() not in line:
                continue
            entry = json.loads(line[line.index(b"{") :])
            if sources is None or source_of(entry) in sources:
                yield request_of(entry, topic_names, broker)


def ends_with(path: Path, client_id: str) -> bool:
    """Return whether a request of this client id stands in the last lines of the log."""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return any(
            client_id.encode() in line and LISTENER.encode() in line and line.endswith(b"\n") for line in log
        )


def source_of(entry: Json) -> str:
    """Return the remote address of a log entry; `connection` is written local-remote-processor-index."""
    remote: str = entry["connection"].split("-")[1]
    return remote


def request_of(entry: Json, topic_names: Mapping[str, str], broker: int) -> Request:
    """Turn one entry of the log into a request."""
    header = entry["requestHeader"]
    asked, answer = entry.get("request") or {}, entry.get("response") or {}
    if not isinstance(answer, dict):  # acks=0 is answered by nothing: an empty string
        answer = {}
    software = entry.get("clientInformation") or {}
    api = header["requestApiKeyName"]
    parts = _PARTS.get(api)
    return Request(
        api=api,
        version=header["requestApiVersion"],
        client_id=header.get("clientId") or "",
        software=f"{software.get('softwareName', '')} {software.get('softwareVersion', '')}".strip(),
        source=source_of(entry),
        broker=broker,
        acks=asked.get("acks"),
        error=error_name(answer.get("errorCode", 0)),
        parts=tuple(parts(asked, answer, topic_names)) if parts else (),
    )


def error_name(code: int) -> str | None:
    """Return Kafka's name of an error code, or None for no error."""
    if code == 0:
        return None
    from kafka.errors import for_code  # a Kafka client is loaded while Kafka starts

    return str(getattr(for_code(code), "message", code))


def _name(topic: Json, names: Mapping[str, str]) -> str:
    identity = topic.get("topicId") or ""
    return topic.get("name") or names.get(identity, identity)


def _produced(asked: Json, answer: Json, names: Mapping[str, str]) -> Iterator[PartitionRequest]:
    errors = {
        (_name(topic, names), part["index"]): error_name(part["errorCode"])
        for topic in answer.get("responses", ())
        for part in topic["partitionResponses"]
    }
    for topic in asked.get("topicData", ()):
        for part in topic["partitionData"]:
            place = (_name(topic, names), part["index"])
            yield PartitionRequest(*place, part.get("recordsSizeInBytes", 0), errors.get(place))


def _described(_asked: Json, answer: Json, names: Mapping[str, str]) -> Iterator[PartitionRequest]:
    for topic in answer.get("topics", ()):
        yield PartitionRequest(_name(topic, names), None, 0, error_name(topic["errorCode"]))


_PARTS = {"PRODUCE": _produced, "METADATA": _described, "CREATE_TOPICS": _described}
