"""The student's own line, as a sentence at the end of an advice; empty where there is none."""

import ast

from grader.diagnosis.source import Source
from grader.model import Evidence

LOOPS = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.GeneratorExp
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
SENDS = frozenset({"send", "send_and_wait", "produce"})

# Called all over a program: such a line is named only if it has to do with a key.
COMMON = frozenset({"str", "encode", "bytes", "replace", "split", "strip", "join", "partition", "new"})


def line_calling(evidence: Evidence, *names: str) -> str:
    """Name the first line that calls one of these functions or methods."""
    for call in Source(evidence.submission.files).calls(*names):
        if call.name not in COMMON or "key" in call.place.text or "_id" in call.place.text:
            return f"See {call.place}."
    return ""


def line_giving(evidence: Evidence, *arguments: str) -> str:
    """Name the first line on which a call is given one of these named arguments, other than None."""
    source = Source(evidence.submission.files)
    for file, node in source.nodes():
        if (
            isinstance(node, ast.keyword)
            and node.arg in arguments
            and not (isinstance(node.value, ast.Constant) and node.value.value is None)
        ):
            return f"See {source.place(file, node.lineno)}."
    return ""


def line_beside_send(evidence: Evidence, *names: str) -> str:
    """Name the first line that calls one of these in a loop that sends, or in a function that it may call."""
    source = Source(evidence.submission.files)
    for file, node in source.nodes():
        calls = _calls_for_each(node)
        if calls.keys() & SENDS and calls.keys() & set(names):
            return f"See {source.place(file, min(calls[name] for name in names if name in calls))}."
    return ""


def _calls_for_each(node: ast.AST) -> dict[str, int]:
    """Return what a loop, or a function without loops, calls, with the line of the first call of each."""
    if not isinstance(node, LOOPS | FUNCTIONS):
        return {}
    parts = [each for each in ast.walk(node) if each is not node]
    if isinstance(node, FUNCTIONS) and any(isinstance(each, LOOPS) for each in parts):
        return {}
    calls = [each for each in parts if isinstance(each, ast.Call) and not _looks_up(each)]
    return {_last_name(each): each.lineno for each in sorted(calls, key=lambda each: -each.lineno)}


def _looks_up(call: ast.Call) -> bool:
    """Whether it is `get("…")`, as of a dict, and not a future's."""
    first = call.args[0] if call.args else None
    return _last_name(call) == "get" and isinstance(first, ast.Constant) and isinstance(first.value, str)


def _last_name(call: ast.Call) -> str:
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def line_setting(evidence: Evidence, *names: str) -> str:
    """Name the first line that holds one of these settings, as a named argument or as a text."""
    source = Source(evidence.submission.files)
    for file, node in source.nodes():
        if isinstance(node, ast.keyword | ast.Constant) and (
            (node.arg if isinstance(node, ast.keyword) else node.value) in names
        ):
            return f"See {source.place(file, node.lineno)}."
    return ""
