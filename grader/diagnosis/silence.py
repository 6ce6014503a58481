"""Why nothing arrived although the program ended well: nothing was sent, or what went wrong was hidden."""

import ast
import re

from grader.diagnosis.case import Case, at, cause, told
from grader.diagnosis.source import PROGRAM, Place
from grader.model import Feedback

SENDS = ("send", "send_and_wait", "produce", "send_batch")
NEVER_AWAITED = re.compile(r"coroutine '([\w.<>]+)' was never awaited")
MAIN = "__main__"


def never_awaited(case: Case) -> Feedback | None:
    """A coroutine was made and never run."""
    found = NEVER_AWAITED.search(case.stderr)
    if found is None:
        return None
    name = found[1].rpartition(".")[2]
    place = next((call.place for call in case.source.calls(name)), None)
    at_top = place is not None and place.text.startswith(f"{name}(")
    return cause(
        f"`{name}()` makes a coroutine, and nothing runs it.{told(place, 'See')}",
        f"Run it: `asyncio.run({name}())`." if at_top else f"Write `await` before it: `await {name}(…)`.",
    )


def transaction_left_open(case: Case) -> Feedback | None:
    """Records were sent within a transaction that was never committed."""
    produced = any(request.api == "PRODUCE" for request in case.evidence.requests)
    if not case.evidence.open_transactions and not (produced and _began(case)):
        return None
    return cause(
        f"What was sent in a transaction was never committed{at(_began(case), '; it was begun at ')}.",
        "Call `producer.commit_transaction()` at its end, or send without a transaction.",
    )


def _began(case: Case) -> Place | None:
    return next((call.place for call in case.source.calls("begin_transaction")), None)


def refused(case: Case) -> Feedback | None:
    """The broker refused what was produced."""
    for request in case.evidence.requests_of("PRODUCE"):
        for part in request.parts:
            if part.error is not None:
                return cause(
                    f"The broker refused the record for `{part.topic}`: {part.error}.",
                    "Look at the future that `send()` returns: `get(timeout=10)` raises what went wrong.",
                )
    return None


def main_not_called(case: Case) -> Feedback | None:
    """What sends stands in a function that nothing calls."""
    tree = case.source.trees.get(PROGRAM)
    if tree is None or case.connected or case.evidence.requests:
        return None
    for node in tree.body:
        compared = _name_guard(node)
        if compared is not None and compared != MAIN:
            return cause(
                f'`__name__` is never "{compared}". See {case.source.place(PROGRAM, node.lineno)}.',
                f'Write `if __name__ == "{MAIN}":`, with two underscores on both sides.',
            )
    called = {_last(node.func) for _, node in case.source.nodes() if isinstance(node, ast.Call)}
    for node in tree.body:
        sends = any(isinstance(part, ast.Call) and _last(part.func) in SENDS for part in ast.walk(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and sends and node.name not in called:
            place = case.source.place(PROGRAM, node.lineno)
            return cause(
                f"`{node.name}()` sends, and nothing calls it. It begins at {place}.",
                f"Call it at the end of the file: `{node.name}({'…' if node.args.args else ''})`.",
            )
    return None


def _name_guard(node: ast.stmt) -> str | None:
    """Return what `__name__` is compared with, where a statement does that."""
    test = node.test if isinstance(node, ast.If) else None
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name) or test.left.id != "__name__":
        return None
    other = test.comparators[0]
    return other.value if isinstance(other, ast.Constant) and isinstance(other.value, str) else None


def _last(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def swallowed(case: Case) -> Feedback | None:
    """An exception was caught and hidden."""
    if case.raised is not None:
        return None
    for file, node in case.source.nodes():
        if isinstance(node, ast.ExceptHandler) and not any(
            isinstance(each, ast.Raise) for each in ast.walk(node)
        ):
            place = case.source.place(file, node.lineno)
            hidden = all(isinstance(each, ast.Pass | ast.Continue) for each in node.body)
            what = "hides every exception" if hidden else "keeps exceptions from ending the program"
            return cause(
                f"Something may have gone wrong unseen: {place} {what}.",
                "Take the `try` out and run it again; the traceback then says what failed, and where.",
            )
    return None


def never_sends(case: Case) -> Feedback | None:
    """No line of the program sends anything."""
    if case.evidence.requests_of("PRODUCE") or any(True for _ in case.source.calls(*SENDS)):
        return None
    if not case.source.trees:
        return None
    return cause(
        "No line of the program sends anything.",
        'Call `producer.send("…", …)` with the topic and the value, both as the task has them.',
    )


def unexplained(case: Case) -> Feedback | None:
    """What is left to say when nothing else was recognised."""
    if case.connected is False:
        return cause(
            "The program opened no connection to the broker.",
            "Print the address that it dials, and the line before and after the producer is made.",
        )
    if case.evidence.request_log and not case.evidence.requests_of("PRODUCE"):
        return cause(
            "The program reached the broker, and sent it no record.",
            "Does it come to the line that sends, and does it wait for delivery before it ends?",
        )
    return cause(
        "", "Print the topic that the program sends to, and the result of `send(…).get(timeout=10)`."
    )
