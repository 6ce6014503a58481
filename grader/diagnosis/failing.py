"""Programs that meet an error and do not tell it: they wait on, hide it, or leave it to the client's log."""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from grader.diagnosis.case import Case, at, cause
from grader.diagnosis.source import Place
from grader.model import Feedback

# What a client waits by unless it is told otherwise, and what shortens it; measured by the labs.
SETTINGS = {
    "kafka": (
        "Give the producer `max_block_ms=10_000`, which `send()` waits by (60 s by default), and "
        "`bootstrap_timeout_ms=10_000` for the first contact (30 s by default)."
    ),
    "confluent_kafka": (
        "Give the producer `message.timeout.ms: 10000` (300,000 by default): then the delivery report comes "
        "with the error, and flush() returns."
    ),
    "aiokafka": "Give the producer `request_timeout_ms=10_000`: by default it waits 40 s.",
}
EXIT = "end the program with `sys.exit(1)`"
EXIT_CODES = 256
EXITS = ("exit", "_exit", "quit", "SystemExit")


def went_on(case: Case) -> Feedback:
    """Return what a program that should have given up was doing when its time was up."""
    place = case.waited_at()
    loop = case.source.loop_around(place.file, place.line) if place else None
    if loop is not None and loop.text.startswith("for"):
        return took_too_long(case)
    if loop is not None:
        return cause(
            f"The loop that begins at {loop.number}, `{loop.shown}`, had not come to an end.",
            "Give up after some seconds: say on stderr what failed, and end with `sys.exit(1)`.",
        )
    if "Garbage-collecting" in case.stderr and place is None:
        return cause(
            "It had come to its end, and was held up while Python put away a producer that was never closed.",
            "Close it, by a `with` block or by `close()`, where the program gives up as well.",
        )
    if case.waited_in("_wait_on_metadata"):
        return cause(
            f"send() was waiting to learn where the topic is{at(place, ', at ')}. What is behind it on that "
            "line, such as `.get(timeout=10)`, comes only afterwards.",
            SETTINGS["kafka"],
        )
    doing = {"bootstrap": "it was waiting for its first contact", "get": "it was waiting for the result"}
    what = next((text for name, text in doing.items() if case.waited_in(name)), "it was")
    return cause(f"When its time was up, {what}{at(place)}.", SETTINGS[client_of(case)])


def client_of(case: Case) -> str:
    """Return the module of the client that the program uses."""
    text = b"\n".join(case.source.files.values()).decode("utf-8", "replace")
    return next((name for name in ("confluent_kafka", "aiokafka") if name in text), "kafka")


def took_too_long(case: Case) -> Feedback:
    """Return what is to be said of a program that gave up by itself, but late."""
    tries = next((loop for loop in _loops_with_sends(case)), None)
    if tries is not None:
        seen = f"Each turn of the loop that begins at {tries.number}, `{tries.shown}`, waits anew."
        return cause(seen, "Count the seconds of all the turns, or leave the repeating to the client.")
    return cause("", SETTINGS[client_of(case)])


def _loops_with_sends(case: Case) -> list[Place]:
    calls = case.source.calls("send", "send_and_wait", "produce", "KafkaProducer", "start")
    around = (case.source.loop_around(call.place.file, call.place.line) for call in calls)
    return [loop for loop in around if loop is not None]


def claimed_success(case: Case) -> Feedback:
    """Return why a program ended with exit code 0 although what it was to do had failed."""
    found = (
        each(case)
        for each in (
            _hears_nothing,
            _wraps_to_zero,
            _ends_with_zero,
            _hides,
            _returns_a_code,
            _goes_on,
            _never_asks,
        )
    )
    return next(
        filter(None, found),
        cause("", "Where the message was not stored, end with another exit code, by `sys.exit(1)`."),
    )


def _hears_nothing(case: Case) -> Feedback | None:
    if not any(request.acks == 0 for request in case.evidence.requests_of("PRODUCE")):
        return None
    return cause(
        "It sent with acks=0, so that the broker did not answer, and no failure could be heard of.",
        "Leave `acks` out: with the default the broker answers.",
    )


def _wraps_to_zero(case: Case) -> Feedback | None:
    for call in case.source.calls(*EXITS):
        code = call.first()
        if isinstance(code, int) and code and code % EXIT_CODES == 0:
            return cause(
                f"It ends with {code}, at {call.place}: an exit code has eight bits, in which {code} is 0.",
                f"Take a number from 1 to 255: {EXIT}.",
            )
    return None


def _handlers(case: Case) -> Iterator[tuple[Place, ast.ExceptHandler]]:
    for file, node in case.source.nodes():
        if isinstance(node, ast.ExceptHandler):
            yield case.source.place(file, node.lineno), node


def _ends_with_zero(case: Case) -> Feedback | None:
    in_handlers = {id(part) for _, handler in _handlers(case) for part in ast.walk(handler)}
    for call in case.source.calls(*EXITS):
        if id(call.node) in in_handlers and (not call.node.args or call.first() == 0):
            return cause(
                f"It is ended as if all were well, at {call.place}.",
                "An exit code other than 0 says that something failed: `sys.exit(1)`.",
            )
    return None


def _hides(case: Case) -> Feedback | None:
    for place, handler in _handlers(case):
        if all(isinstance(each, ast.Pass | ast.Continue) for each in handler.body):
            return cause(f"The error is hidden, at {place}.", f"Tell it there on stderr, and {EXIT}.")
    return None


def _returns_a_code(case: Case) -> Feedback | None:
    """A function returns an exit code, and its caller lets it fall."""
    returning = {
        node.name
        for _, node in case.source.nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(isinstance(part, ast.Return) and _is_code(part.value) for part in ast.walk(node))
    }
    fallen = [node.value for _, node in case.source.nodes() if isinstance(node, ast.Expr)]
    for call in case.source.calls(*returning, "run"):
        name = next((part.id for part in ast.walk(call.node) if _named(part, returning)), "")
        if name and any(call.node is value for value in fallen):
            return cause(
                f"`{name}()` returns an exit code, and nothing uses it. See {call.place}.",
                f"Hand it on: `sys.exit({ast.unparse(call.node)})`.",
            )
    return None


def _is_code(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and type(value.value) is int and value.value != 0


def _named(part: ast.AST, names: set[str]) -> TypeGuard[ast.Name]:
    return isinstance(part, ast.Name) and part.id in names


def _goes_on(case: Case) -> Feedback | None:
    going_on = [place for place, handler in _handlers(case) if not _leaves(handler)]
    if len(going_on) != 1:
        return None
    return cause(
        f"After the error is caught, at {going_on[0]}, the program goes on to its end.",
        f"At the end of these lines, {EXIT}: whoever started the program looks at its exit code.",
    )


def _leaves(handler: ast.ExceptHandler) -> bool:
    parts = list(ast.walk(handler))
    calls = [part.func for part in parts if isinstance(part, ast.Call)]
    return any(isinstance(part, ast.Raise | ast.Return) for part in parts) or any(
        getattr(function, "attr", getattr(function, "id", "")) in EXITS for function in calls
    )


def _never_asks(case: Case) -> Feedback | None:
    if client_of(case) == "confluent_kafka":
        if any(call.has("on_delivery") or call.has("callback") for call in case.source.calls("produce")):
            return None
        return cause(
            "Nothing in the program looks at the result: flush() raises no error.",
            "Give `produce()` an `on_delivery=…`: it is called with the error, or None.",
        )
    if any(True for _ in case.source.calls("result", "exception", "succeeded", "send_and_wait")) or any(
        not call.node.args or call.has("timeout") for call in case.source.calls("get")
    ):
        return None
    return cause(
        "Nothing in the program looks at the result: flush() and close() raise no error.",
        "Ask the future that `send()` returns: `get(timeout=10)` raises what went wrong.",
    )
