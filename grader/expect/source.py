"""The student's own line, as a sentence at the end of an advice; empty where there is none."""

import ast

from grader.diagnosis.source import Source
from grader.model import Evidence

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
