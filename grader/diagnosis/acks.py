"""Why a program's requests ask for other acks than it was told: where its source sets them, and how."""

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader.diagnosis.case import Case
from grader.diagnosis.source import Place

NAMES = frozenset({"acks", "request.required.acks"})
PRODUCERS = ("KafkaProducer", "AIOKafkaProducer", "Producer", "SerializingProducer")
PRINT_IT = "Print what the producer is given, `print(repr(…))`, and hold it against the first argument."


@dataclass(frozen=True, slots=True)
class Setting:
    """A place where a source sets acks.

    Attributes:
        in_dict: Whether it stands in a dict, which may or may not reach the producer.
    """

    place: Place
    value: ast.expr
    in_dict: bool


Reason = Callable[[Case, list[Setting], int], str | None]


def why_acks_differ(case: Case, wanted: int) -> str:
    """Return an advice that names the line, as far as the source tells.

    Args:
        wanted: What the requests should have asked for; -1 is all.
    """
    settings = list(_settings(case))
    reasons = (reason(case, settings, wanted) for reason in REASONS)
    return next(filter(None, reasons), PRINT_IT)


def _settings(case: Case) -> Iterator[Setting]:
    found = []
    for file, node in case.source.nodes():
        if isinstance(node, ast.Call):
            of_dict = getattr(node.func, "id", getattr(node.func, "attr", "")) in {"dict", "update"}
            found += [(file, each.value, of_dict) for each in node.keywords if each.arg in NAMES]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [(file, value, True) for key, value in pairs if _names_acks(key)]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            found += [(file, node.value, True)] if _names_acks(node.targets[0].slice) else []
    for file, value, in_dict in sorted(found, key=lambda each: each[1].lineno):
        yield Setting(case.source.place(file, value.lineno), value, in_dict)


def _names_acks(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value in NAMES


def _not_set(case: Case, settings: list[Setting], _: int) -> str | None:
    if settings:
        return None
    comment = next(_comments(case), None)
    if comment is not None:
        return f"`acks` stands in a comment alone, at {comment}; Python does not read it."
    return "No line gives the producer `acks`, so that the client's own default holds. Give it, as `acks=…`."


def _comments(case: Case) -> Iterator[Place]:
    for file in case.source.trees:
        readline = io.BytesIO(case.source.files[file]).readline
        for token in tokenize.tokenize(readline):
            if token.type == tokenize.COMMENT and "acks" in token.string and "TODO" not in token.string:
                yield case.source.place(file, token.start[0])


def _set_twice(_: Case, settings: list[Setting], __: int) -> str | None:
    if len(settings) < 2:
        return None
    first, last = settings[0].place, settings[-1].place
    return (
        f"`acks` is set more than once, at {first} and at {last}: what is set last holds. "
        "Set it once, from the first argument."
    )


def _written_outright(_: Case, settings: list[Setting], __: int) -> str | None:
    setting = settings[0]
    if not isinstance(setting.value, ast.Constant | ast.UnaryOp):
        return None
    return f"`acks` is written outright, at {setting.place}. Take it from the first argument, `sys.argv[1]`."


def _not_handed_over(case: Case, settings: list[Setting], _: int) -> str | None:
    calls = list(case.source.calls(*PRODUCERS))
    if not settings[0].in_dict or any(_takes_a_dict(call.node) for call in calls):
        return None
    where = f" See {calls[0].place}." if calls else ""
    return (
        f"`acks` is set in a dict, at {settings[0].place}, and the producer is not given that dict.{where} "
        "Hand it over: `KafkaProducer(**settings)`."
    )


def _takes_a_dict(call: ast.Call) -> bool:
    return bool(call.args) or any(keyword.arg is None for keyword in call.keywords)


def _zero_taken_for_nothing(case: Case, _: list[Setting], wanted: int) -> str | None:
    if wanted != 0:
        return None
    for file, node in case.source.nodes():
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            tested: ast.expr | None = node.values[0]
        else:
            tested = node.test if isinstance(node, ast.If | ast.IfExp) else None
        if isinstance(tested, ast.UnaryOp):
            tested = tested.operand
        if tested is not None and isinstance(tested, ast.Name | ast.Call) and "acks" in ast.unparse(tested):
            place = case.source.place(file, tested.lineno)
            return f"The number 0 counts as false in Python, and is taken for nothing, at {place}."
    return None


def _set_somehow(case: Case, settings: list[Setting], _: int) -> str | None:
    setting = settings[0]
    given = [
        case.source.place(file, node.lineno)
        for file, node in case.source.nodes()
        if isinstance(node, ast.Assign)
        and isinstance(setting.value, ast.Name)
        and any(isinstance(each, ast.Name) and each.id == setting.value.id for each in node.targets)
    ]
    return f"It is made at {given[-1] if given else setting.place}. {PRINT_IT}"


REASONS: tuple[Reason, ...] = (
    _not_set,
    _not_handed_over,
    _set_twice,
    _zero_taken_for_nothing,
    _written_outright,
    _set_somehow,
)
