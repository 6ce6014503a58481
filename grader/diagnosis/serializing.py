"""Keys and values that are not bytes, and serializers that do not make bytes of them."""

import re

from grader.diagnosis.case import Case, at, cause, sentence, told
from grader.diagnosis.stack import Raised
from grader.model import Feedback

UNSERIALIZED = r"Unsupported type for serialized (key|value): <class '([\w.]+)'>"
# The wrapper around a plain function catches its TypeError and calls it in another way, which fails, too.
MASK = re.compile(r"SerializeWrapper\.serialize\(\) missing 1 required positional argument")
SERIALIZING = frozenset({"_serialize", "serialize"})
# The two find out when they look at the bytes, and do not say whether it is key or value.
NOT_BYTES = re.compile(r"a bytes-like object is required, not '(\w+)'")
CLIENT = re.compile(r"(^|[/\\])(aio)?kafka[/\\]")
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
    place = told(case.raised_at(inner), "It was raised at")
    hidden = inner is not case.raised
    seen = f"A serializer raised {sentence(f'{inner.kind}: {inner.message}')}{place}"
    if hidden:
        seen += " The exception that the library shows last hides this one."
    return cause(seen, _advice(inner))


def _of_serializer(case: Case) -> Raised | None:
    raised = case.raised
    if raised is None:
        return None
    if MASK.search(raised.message) and raised.before:
        return raised.before[-1]
    within = any(frame.function in SERIALIZING for frame in raised.frames)
    return raised if within and not CLIENT.search(raised.frames[-1].path) else None


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
    producers = list(case.source.calls("KafkaProducer", "AIOKafkaProducer"))
    if any(call.has(f"{what}_serializer") for call in producers):
        return cause(
            f"The {what}_serializer returned a {kind}; Kafka stores bytes. It came to light{place}.",
            'Let the serializer return bytes: end it with `.encode("utf-8")`.',
        )
    example = ENCODE.get(kind, "Turn it into bytes before it is sent.").format(what)
    for_values = what == "key" and any(call.has("value_serializer") for call in producers)
    other = "A serializer for values does not touch keys. " if for_values else ""
    return cause(
        f"The {what} is a {kind}, and Kafka stores bytes: send() refused it{place}.", other + example
    )


def not_bytes(case: Case) -> Feedback | None:
    """A key or a value reached aiokafka or confluent-kafka as something else than bytes."""
    raised = case.raised
    found = NOT_BYTES.search(raised.message) if raised is not None else None
    if raised is None or found is None:
        return None
    in_aiokafka = any(frame.function in SERIALIZING for frame in raised.frames)
    if not in_aiokafka and ".produce(" not in str(case.raised_at()):
        return None
    text = found[1] == "str"
    return cause(
        f"A {found[1]} was given where Kafka stores bytes: the client refused it{at(case.raised_at())}.",
        ENCODE["str"].format("value") if text else "Turn it into text and that into bytes before it is sent.",
    )
