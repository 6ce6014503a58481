"""Keys and values that are not bytes, and serializers that do not make bytes of them."""

import re

from grader.diagnosis.case import Case, at, cause
from grader.diagnosis.stack import Raised
from grader.model import Feedback

UNSERIALIZED = r"Unsupported type for serialized (key|value): <class '([\w.]+)'>"
# The wrapper around a plain function catches its TypeError and calls it in another way, which fails, too.
MASK = re.compile(r"SerializeWrapper\.serialize\(\) missing 1 required positional argument")
NOT_JSON = re.compile(r"Object of type (\w+) is not JSON serializable")
NO_ENCODE = re.compile(r"'(\w+)' object has no attribute 'encode'")
ENCODE = {
    "str": 'Encode it, as in `"…".encode("utf-8")`, or give the producer a `{0}_serializer=str.encode`.',
    "dict": 'Make bytes of it: `json.dumps(…).encode("utf-8")`, in a `{0}_serializer` for example.',
}


def serializer_failed(case: Case) -> Feedback | None:
    """A serializer raised an exception, which the library may have hidden behind one of its own."""
    inner = _of_serializer(case)
    if inner is None:
        return None
    place = at(case.raised_at(inner))
    hidden = inner is not case.raised
    seen = f"A serializer raised {inner.kind}{place}. It says: {inner.message.rstrip('.')}."
    if hidden:
        seen += " The exception that the library shows last hides this one."
    return cause(seen, _advice(inner))


def _of_serializer(case: Case) -> Raised | None:
    raised = case.raised
    if raised is None:
        return None
    if MASK.search(raised.message) and raised.before:
        return raised.before[-1]
    within = [
        number for number, frame in enumerate(raised.frames) if frame.function in {"_serialize", "serialize"}
    ]
    return raised if within and raised.frames[-1].function not in {"_serialize", "send"} else None


def _advice(inner: Raised) -> str:
    if found := NOT_JSON.search(inner.message):
        return f"JSON knows no {found[1]}: turn it into text, a number, a list or a dict first."
    if NO_ENCODE.search(inner.message) and "'bytes'" in inner.message:
        return (
            "Send text when the producer has a serializer that encodes, or bytes when it has none; not both."
        )
    if found := NO_ENCODE.search(inner.message):
        return f"The serializer expects text and got a {found[1]}: send text, or encode it with `json.dumps`."
    if "string argument without an encoding" in inner.message:
        return 'Name the encoding: `text.encode("utf-8")` or `bytes(text, "utf-8")`.'
    return "Call the serializer by hand with the value that you send: it should return bytes."


def unserialized(case: Case) -> Feedback | None:
    """A key or a value reached the library as something else than bytes."""
    found = case.said(UNSERIALIZED)
    if found is None:
        return None
    what, kind = found[1], found[2]
    place = at(case.raised_at())
    if any(call.has(f"{what}_serializer") for call in case.source.calls("KafkaProducer", "AIOKafkaProducer")):
        return cause(
            f"The {what}_serializer returned a {kind}; Kafka stores bytes. It came to light{place}.",
            'Let the serializer return bytes: end it with `.encode("utf-8")`.',
        )
    example = ENCODE.get(kind, "Turn it into bytes before it is sent.").format(what)
    other = "A serializer for values does not touch keys. " if what == "key" else ""
    return cause(
        f"The {what} is a {kind}, and Kafka stores bytes: send() refused it{place}.", other + example
    )
