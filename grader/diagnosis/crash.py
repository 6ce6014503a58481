"""Exceptions that end a program: those with a story of their own, and all others."""

import ast
import difflib
import re

from grader.diagnosis.case import Case, at, cause, sentence, told
from grader.diagnosis.source import Place
from grader.diagnosis.stack import Raised
from grader.model import Feedback

VARIABLE = "KAFKA_BOOTSTRAP_SERVERS"
EXIT_CODE_OF_USAGE = 2  # argparse's
USAGE = re.compile(r"^\S+: error: (.*)$", re.MULTILINE)
# Methods of one client's producer that people call on another's.
OTHER_CLIENT = {
    (
        "KafkaProducer",
        "produce",
    ): "kafka-python sends with `send(topic, value)`; `produce()` is confluent-kafka's.",
    ("KafkaProducer", "poll"): "kafka-python needs no `poll()`: a thread of its own does the work.",
    ("KafkaProducer", "send_and_wait"): "kafka-python waits with `send(…).get(timeout=10)`.",
    ("KafkaProducer", "start"): "kafka-python's producer has begun once it is made; `start()` is aiokafka's.",
    ("KafkaProducer", "stop"): "kafka-python's producer is ended by `close()`; `stop()` is aiokafka's.",
    ("FutureRecordMetadata", "result"): "kafka-python's future is asked by `get(timeout=10)`.",
    ("FutureRecordMetadata", "wait"): "kafka-python's future is asked by `get(timeout=10)`.",
    ("Producer", "send"): "confluent-kafka sends with `produce(topic, value)`; `send()` is kafka-python's.",
    ("AIOKafkaProducer", "close"): "aiokafka's producer is ended by `await producer.stop()`.",
}
NO_ATTRIBUTE = re.compile(r"'(?:[\w.]*\.)?(\w+)' object has no attribute '(\w+)'")
# What the clients say where their own words need a few more.
SAYINGS = (
    (
        r"headers must be list|All headers items",
        'Give headers as pairs of text and bytes: `[("lang", b"en")]`.',
    ),
    (r"Need at least one: key or value", "Give `send()` a value behind the topic."),
    (r"Not supported codec", "A codec is `gzip`, `snappy`, `lz4` or `zstd`, in small letters."),
    (r"All topics must not be None", "Give `send()` the topic's name as its first argument."),
    (r"Must set delivery_timeout_ms higher", "Lower `request_timeout_ms` as well, or leave both out."),
    (
        r"enable_idempotence=True is incompatible|`acks` must be set to `all` when",
        "Idempotence needs acks=all: leave it to the client, which switches it off where acks is 0 or 1.",
    ),
    (
        r"^Invalid ACKS parameter",
        'aiokafka takes the numbers 0, 1 and -1 and the text "all": make a number of "0" and "1".',
    ),
    (r"'function' object has no attribute 'partition'", "A partitioner is an object with `partition()`."),
    (r"larger than the maximum request size", "Send less at once: `max_request_size` is 1 MB by default."),
    (
        r"object has no attribute '_closed'",
        "Call `super().__init__(…)` first, or keep a producer inside the class.",
    ),
    (
        r"'FutureRecordMetadata' object has no attribute '(?:offset|partition|topic|timestamp)'",
        "Where a record was stored is in what the future's `get(timeout=10)` returns.",
    ),
    (r"^Extra data: line 2", "The file has one JSON object a line: `json.loads(line)`, line by line."),
    (
        r"^name '(?:null|true|false)' is not defined",
        "That is JSON, and no Python: read a line with `json.loads(line)`.",
    ),
    (
        r"^Local: Queue full",
        "The client's queue has a limit: call `producer.poll(1)` when it is full, then `produce()` again.",
    ),
    (
        r"codec can't encode character",
        "That encoding lacks letters; UTF-8, the default of `.encode()`, does not.",
    ),
    (
        r"^invalid literal for int\(\)",
        "`int()` reads digits alone; a text that may hold anything else stays a text.",
    ),
    (
        r'can only concatenate str \(not "(?:int|float)"\) to str',
        'Make text of the number: `str(number)`, or all of it at once, as in `f"key-{number}"`.',
    ),
    (
        r"can't concat (?:str|int) to bytes",
        'Make one text of it first, and bytes of that: `f"key-{number}".encode()`.',
    ),
    (r"expected configuration dict", 'Give confluent-kafka one dict: `Producer({"bootstrap.servers": …})`.'),
)
NO_NAME = re.compile(r"name '(\w+)' is not defined")
# After so long a client gives a record up by itself, in ms.
LIMITS = ("delivery_timeout_ms", "delivery.timeout.ms", "message.timeout.ms")


def waited_for_input(case: Case) -> Feedback | None:
    """input() found nothing to read."""
    if case.raised is None or case.raised.kind != "EOFError":
        return None
    return cause(
        f"The program asked for input{at(case.raised_at())}. Nobody is there to answer: its standard input "
        "is empty.",
        "Take `input()` out; everything that the program needs is in the task.",
    )


def variable_not_set(case: Case) -> Feedback | None:
    """The program reads an environment variable that is not there."""
    raised, place = case.raised, case.raised_at()
    if raised is None or raised.kind != "KeyError" or place is None or "environ" not in place.text:
        return None
    name = raised.message.strip("'\"")
    return cause(
        f"The environment has no variable `{name}`, which is read at {place}.",
        f"The broker's address is in `{VARIABLE}`.",
    )


def argument_not_given(case: Case) -> Feedback | None:
    """The program wants arguments that it is not given."""
    run, raised = case.evidence.run, case.raised
    command = " ".join(("python producer.py", *case.evidence.scenario.args))
    advice = f"It is run as `{command}`: give every argument a default, or do without."
    if raised is not None and raised.kind == "IndexError" and "argv" in str(case.raised_at()):
        return cause(f"The program looked for an argument that is not there{at(case.raised_at())}.", advice)
    usage = USAGE.search(case.stderr)
    if raised is None and run.exit.code == EXIT_CODE_OF_USAGE and usage:
        return cause(f"The program did not accept how it was called: {usage[1]}.", advice)
    return None


def already_closed(case: Case) -> Feedback | None:
    """send() came after close()."""
    if case.said("KafkaProducer already closed|Producer is closed|ProducerClosed") is None:
        return None
    block = any(isinstance(node, ast.With | ast.AsyncWith) for _, node in case.source.nodes())
    ended = "the end of the `with` block closes it" if block else "`close()` ends it for good"
    return cause(
        f"The producer was closed already when it was used{at(case.raised_at())}.",
        f"Send first and close afterwards: {ended}.",
    )


def other_client(case: Case) -> Feedback | None:
    """A method of one client was called on the producer of another."""
    found = NO_ATTRIBUTE.search(case.raised.message) if case.raised is not None else None
    advice = OTHER_CLIENT.get((found[1], found[2])) if found else None
    if found is None or advice is None:
        return None
    return cause(f"`{found[1]}` has no method `{found[2]}()`, which is called{at(case.raised_at())}.", advice)


def gave_up_waiting(case: Case) -> Feedback | None:
    """Waiting for the broker was given up before its answer came."""
    found = case.said(r"Timeout after waiting for (\d{1,9}(?:\.\d{1,9})?) secs|Timeout waiting for future")
    if found is None or (case.raised is not None and case.raised.kind != "KafkaTimeoutError"):
        return None
    after = f" after {float(found[1]):g} s" if found[1] else ""
    held = f" The broker got the record after {case.hold}." if case.hold and case.healthy is None else ""
    return cause(
        f"The program gave up waiting for the broker{after}{at(case.raised_at() or impatient(case))}.{held}",
        f"Be willing to wait {case.patience_s} s, as the task says: give a longer timeout, or none.",
    )


def impatient(case: Case) -> Place | None:
    """Return the first wait for the broker, or limit of the client's, that is shorter than the task asks."""
    for call in case.source.calls("get", "flush", "close", "result", "stop", "wait_for", "join", "timeout"):
        given = call.keyword("timeout")
        if given is None:
            given = call.argument(1 if call.name == "wait_for" else 0)
        if _is_below(given, case.patience_s):
            return call.place
    return limit_too_short(case)


def limit_too_short(case: Case) -> Place | None:
    """Return the first limit of the client's own that is shorter than the task asks to wait."""
    return case.source.setting(LIMITS, lambda value: _is_below(value, case.patience_s * 1000))


def _is_below(given: object, limit: float) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and given < limit


def any_other(case: Case) -> Feedback | None:
    """Any other exception, with the student's own line."""
    raised = case.raised
    if raised is None:
        return None
    who = "A thread of the program" if raised.of_thread else "The program"
    said = f"{raised.kind}: {raised.message}" if raised.message else raised.kind
    place = case.raised_at()
    where = told(place, "It was raised at")
    kept = "All that comes before that line had worked. " if case.evidence.records and place else ""
    return cause(f"{who} stopped with {sentence(said)}{where}", kept + _advice(case, raised))


def _advice(case: Case, raised: Raised) -> str:
    scenario = case.evidence.scenario
    if raised.kind == "FileNotFoundError" and scenario.args and scenario.args[0] in scenario.files:
        return f"The file's name is the first argument, `sys.argv[1]`: here it was `{scenario.args[0]}`."
    for pattern, advice in SAYINGS:
        if re.search(pattern, raised.message):
            return advice
    found = NO_NAME.search(raised.message)
    if found is None:
        return (
            "Read the traceback, which the report shows, from its end: what failed, then how it came there."
        )
    name = found[1]
    names = {node.id for _, node in case.source.nodes() if isinstance(node, ast.Name)} - {name}
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    holding = sorted(each for each in names if name.lower() in each.lower().split("_"))
    meant = next(iter((*near, *holding)), "")
    return f"Did you mean `{meant}`?" if meant else f"Give `{name}` a value, or import it, before it is used."
