"""Why a program did not begin: its file is missing, unreadable or no Python."""

import ast
import difflib
import re

from grader.diagnosis.case import Case, cause, sentence
from grader.diagnosis.source import PROGRAM
from grader.model import Feedback

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SAVE_AS_UTF_8 = (
    "Save the file as UTF-8: in VS Code, click the encoding in the status bar, “Save with Encoding”."
)
PRINT = re.compile(r"Missing parentheses in call to '(\w+)'")


def not_handed_in(case: Case) -> Feedback | None:
    """There is no `producer.py`, or it could not be taken."""
    submission = case.evidence.submission
    if case.evidence.run.exit.status != "not_started" or PROGRAM in submission.files:
        return None
    if reason := submission.ignored.get(PROGRAM):
        return cause(f"`{PROGRAM}` {reason}.", _mend(reason))
    others = sorted(name for name in submission.files if name.endswith(".py"))
    if not others:
        return cause(f"There is no `{PROGRAM}`.", f"Write the program into a file of that name: `{PROGRAM}`.")
    names = {name.lower(): name for name in others}
    near = difflib.get_close_matches(PROGRAM, names, n=1, cutoff=0.0)
    mine = names[near[0]] if near else others[0]
    listed = ", ".join(f"`{name}`" for name in others)
    return cause(
        f"There is no `{PROGRAM}`; handed in: {listed}.",
        f"Rename `{mine}` to `{PROGRAM}`, all in small letters: the name is fixed.",
    )


def _mend(reason: str) -> str:
    if reason.startswith("cannot be read"):
        return f"Let the grader read it: `chmod u+r {PROGRAM}`."
    if "regular file" in reason:
        return "Put the file itself there, not a link to it and not a folder."
    return "Hand in a smaller file: a program of this exercise has less than 100 lines."


def not_utf_8(case: Case) -> Feedback | None:
    """The source is not UTF-8, so that Python cannot read it."""
    raised = case.raised
    if raised is None or raised.kind not in {"SyntaxError", "UnicodeDecodeError", "ValueError"}:
        return None
    for name in case.source.files:
        content = case.source.files[name]
        if not name.endswith(".py") or name in case.source.trees:
            continue
        if content.startswith(UTF_16) or b"\0" in content:
            return cause(f"`{name}` is saved as UTF-16; Python reads UTF-8.", SAVE_AS_UTF_8)
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            byte = content[error.start]
            return cause(
                f"`{name}` is not UTF-8: line {line} holds the byte 0x{byte:02x}, as Latin-1 files do.",
                SAVE_AS_UTF_8,
            )
    return None


def syntax_error(case: Case) -> Feedback | None:
    """Python cannot read a submitted file."""
    raised = case.raised
    if raised is None or raised.kind not in {"SyntaxError", "IndentationError", "TabError"}:
        return None
    own = case.own(raised.frames)
    if not own or own[-1].function:
        return None
    place = case.place_of(own[-1])
    return cause(
        f"Python cannot read {place}. It says: {sentence(raised.message)}",
        _spelling(raised.kind, raised.message, place.line),
    )


def _spelling(kind: str, message: str, line: int) -> str:
    if old := PRINT.search(message):
        return f"Put the arguments in parentheses: `{old[1]}(…)`. Without them it is Python 2."
    if kind == "TabError":
        return "Indent with spaces alone, four a step; tabs and spaces are mixed here."
    if kind == "IndentationError":
        return f"Look at how far line {line} and the one before it are indented: four spaces a step."
    return f"Look at line {line} and the one before it. Nothing is run until Python can read all of the file."


def empty(case: Case) -> Feedback | None:
    """The program holds no statement."""
    tree = case.source.trees.get(PROGRAM)
    if tree is None or any(not _is_text(node) for node in tree.body):
        return None
    what = "holds comments only" if case.source.files[PROGRAM].strip() else "is empty"
    return cause(
        f"`{PROGRAM}` {what}; there is nothing that could run.",
        "Save the file in your editor, and see that it is the one in the exercise's folder.",
    )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
