"""Why a record was lost on the way: nothing in the program waited until it was delivered."""

import ast
import re

from grader.diagnosis.case import Case, cause, told
from grader.diagnosis.crash import impatient
from grader.diagnosis.failing import client_of
from grader.diagnosis.source import Call
from grader.model import Feedback

# librdkafka says so when a producer is taken down before its queue is empty.
IN_TRANSIT = re.compile(r"Producer terminating with (\d+) messages? .*still in queue or transit")
UNCLOSED = "Unclosed AIOKafkaProducer"
WAITS = frozenset(
    ("flush", "close", "result", "commit_transaction", "stop", "send_and_wait", "is_done", "succeeded")
)
SENDS = ("send", "produce")
LEFT_OUT = (
    "Leave `acks` out: with the default the broker confirms what it stored, and flush() waits for that."
)
CURE = {
    "confluent_kafka": (
        "`produce()` only puts the record into a queue: call `producer.flush()` before the program ends."
    ),
    "aiokafka": (
        "`await producer.send(…)` only puts the record into a buffer: use `await producer.send_and_wait(…)`, "
        "and `await producer.stop()` at the end."
    ),
    "kafka": (
        "`send()` only puts the record into a buffer: before the program ends, call `producer.flush()` or "
        "`producer.close()`, or use the producer in a `with` block."
    ),
}


def in_transit(case: Case) -> Feedback | None:
    """The client itself says that it was taken down with messages on their way."""
    found = IN_TRANSIT.search(case.stderr)
    if found is None or case.waited_in("flush"):
        return None
    count = "1 message was" if found[1] == "1" else f"{found[1]} messages were"
    place = impatient(case)
    if place is not None:
        return cause(
            f"The program ended while {count} still on the way: it did not wait long enough, at {place}.",
            "Be willing to wait 10 s: `producer.flush()` without a number waits until all is delivered.",
        )
    return cause(
        f"The program ended while {count} still on the way; whether such a message arrives is chance.",
        CURE["confluent_kafka"],
    )


def acks_zero(case: Case) -> Feedback | None:
    """The record was sent without asking for an answer."""
    if not any(request.acks == 0 for request in case.produces()):
        return None
    calls = case.source.calls("KafkaProducer", "Producer")
    at_call = (call.place for call in calls if _is_zero(call.keyword("acks")))
    place = next(at_call, None) or case.source.literal("acks")
    return cause(
        f"The program sent with acks=0, so that nothing waited for the broker.{told(place, 'It is set at')}",
        "Send with the acks that the program is called with."
        if "all" in case.evidence.scenario.args
        else LEFT_OUT,
    )


def _is_zero(value: object) -> bool:
    return value in {0, "0"} and not isinstance(value, bool)


def left_at_once(case: Case) -> Feedback | None:
    """`os._exit()` ended the process, and nothing in the program waits for delivery.

    One run in a hundred is lucky, and no evidence tells such a run from one that waited: so the source
    does, and equal programs get equal verdicts.
    """
    call = next((each for each in case.source.calls("_exit") if _is_come_to(case, each)), None)
    if call is None or _waits(case) or _may_wait_otherwise(case) or case.raised is not None:
        return None
    if case.evidence.run.exit.status != "exited":
        return None
    return cause(
        f"`os._exit()` ends the program at once, whether the record has been sent or not. See {call.place}.",
        "Take it out; let the program run to its last line, with `producer.flush()` before.",
    )


def _is_come_to(case: Case, call: Call) -> bool:
    """Whether a program comes to a call where nothing happens: no error, and no signal."""
    called = {each.name for each in case.source.every_call()}
    for _, node in case.source.nodes():
        handles = isinstance(node, ast.ExceptHandler) or (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in called
        )
        if handles and any(part is call.node for part in ast.walk(node)):
            return False
    return True


def _may_wait_otherwise(case: Case) -> bool:
    """Whether a loop serves the client until its reports have come, or something else is waited for."""
    polls = (call.place for call in case.source.calls("poll"))
    if any(case.source.loop_around(place.file, place.line) for place in polls):
        return True
    return next(case.source.calls("wait", "as_completed", "gather"), None) is not None


def slept(case: Case) -> Feedback | None:
    """The program slept in place of waiting for delivery."""
    if not case.ended_well or _waits(case):
        return None
    sleep = next(iter(case.source.calls("sleep")), None)
    if sleep is None:
        return None
    return cause(
        f"The program waited for a time and not for the broker, at {sleep.place}.",
        f"Take the sleep out. {_cure(case)}",
    )


def did_not_wait(case: Case) -> Feedback | None:
    """Nothing waits for delivery."""
    if not case.ended_well or _waits(case):
        return None
    return cause(
        f"The program ended while {_on_the_way(case)}: nothing in it waits for delivery.",
        _cure(case),
    )


def waited_too_little(case: Case) -> Feedback | None:
    """A wait was too short, and what it raised was caught."""
    place = impatient(case)
    if place is None:
        return None
    return cause(
        f"The program did not wait long enough for the broker, at {place}.",
        "Be willing to wait 10 s, as the task says: give a longer timeout, or none.",
    )


def flushed_first(case: Case) -> Feedback | None:
    """The program flushed, and sent only afterwards."""
    flushes, sends = (list(case.source.calls(*names)) for names in (("flush",), SENDS))
    if not case.ended_well or not flushes or not sends:
        return None
    last, first = flushes[-1].place, sends[0].place
    if last.file != first.file or last.line >= first.line:
        return None
    if case.source.function_around(last.file, last.line) != case.source.function_around(
        last.file, first.line
    ):
        return None
    return cause(
        f"The program flushes before its first send, at {last}, and nothing waits for what it sends then.",
        "Call it after the last `send()`: it waits for what has been sent so far.",
    )


def ended_before(case: Case) -> Feedback | None:
    """What is left to say when nothing else was recognised."""
    return cause(f"The program ended while {_on_the_way(case)}.", _cure(case))


def sent_again(case: Case) -> Feedback:
    """Return why there are more records where the first was late than where nothing was."""
    place = impatient(case)
    where = f" It waited too little at {place}." if place is not None else ""
    return cause(
        f"The program sent again what was only late.{where}",
        "Send once, and be willing to wait 10 s: what has to be tried again, the client tries again, and it "
        "stores nothing twice.",
    )


def _on_the_way(case: Case) -> str:
    several = case.healthy is not None and len(case.healthy.records) > 1
    return "records were still on their way" if several else "the record was still on its way"


def _waits(case: Case) -> bool:
    """Whether a line of the program waits for delivery, as far as its source tells."""
    if UNCLOSED in case.stderr:
        return False
    named = any(isinstance(node, ast.Attribute) and node.attr in WAITS for _, node in case.source.nodes())
    return named or _closes_by_block(case) or _looks_at_futures(case)


def _closes_by_block(case: Case) -> bool:
    blocks = (node for _, node in case.source.nodes() if isinstance(node, ast.With | ast.AsyncWith))
    opened = (part for block in blocks for item in block.items for part in ast.walk(item.context_expr))
    return any(isinstance(part, ast.Name | ast.Attribute) and "roducer" in _named(part) for part in opened)


def _named(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _looks_at_futures(case: Case) -> bool:
    """Whether `get()` is called as a future's is, and not as that of a dict or the environment."""
    return any(
        call.has("timeout") or not call.node.args or isinstance(call.first(), int | float)
        for call in case.source.calls("get")
    )


def _cure(case: Case) -> str:
    dropped = {id(node.value) for _, node in case.source.nodes() if isinstance(node, ast.Expr)}
    for task in case.source.calls("create_task", "ensure_future"):
        if id(task.node) in dropped:
            return f"Keep the task and await it before the program ends: nobody else does. See {task.place}."
    return CURE[client_of(case)]


def waits_by_sleeping(case: Case) -> str | None:
    """Return a remark on a program that got through by sleeping long enough."""
    sleep = next(iter(case.source.calls("sleep")), None)
    if sleep is None or _waits(case):
        return None
    return f"The program waits for a time and not for the broker, at {sleep.place}. {_cure(case)}"
