"""The student's own line: where in the files handed in a call or an argument stands."""

import ast
from collections.abc import Callable, Iterator

from grader.model import Evidence

SHOWN = 80


def line_calling(evidence: Evidence, *names: str) -> str:
    """Return the first line that calls one of these functions or methods, as text; empty when none does."""

    def calls(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and _name(node.func) in names

    return _first(evidence, calls)


def line_giving(evidence: Evidence, *arguments: str) -> str:
    """Return the first line that gives a call one of these named arguments, other than None."""

    def gives(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.keyword)
            and node.arg in arguments
            and not (isinstance(node.value, ast.Constant) and node.value.value is None)
        )

    return _first(evidence, gives)


def _first(evidence: Evidence, wanted: Callable[[ast.AST], bool]) -> str:
    for name, source in sorted(evidence.submission.files.items(), key=lambda each: each[0] != "producer.py"):
        lines = [node.lineno for node in _nodes(name, source) if wanted(node) and hasattr(node, "lineno")]
        if lines:
            text = source.decode("utf-8", "replace").splitlines()[min(lines) - 1].strip()
            return f"{name}, line {min(lines)}: `{text[:SHOWN]}`"
    return ""


def _nodes(name: str, source: bytes) -> Iterator[ast.AST]:
    try:
        tree = ast.parse(source) if name.endswith(".py") else ast.Module([], [])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from ast.walk(tree)


def _name(function: ast.AST) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
