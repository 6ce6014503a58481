"""Marks that turn a function of `checks.py` into a check: plain attributes, no pytest.

    def healthy(draw):
        return Scenario(name="healthy", title="the path is free", topics=(Topic("orders", 6),))

    @points(3)
    @under(healthy)
    @after(check_program_ends)
    def check_same_key_same_partition(evidence):
        "Orders of one customer land on one partition."

The order of the functions in the file is the order of the rubric.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol, TypeVar, cast

from grader.errors import ExerciseError
from grader.model import Check, Evidence, Scenario

PREFIX = "check_"
# What stands in the place of a remark whose function failed.
UNMADE = "A remark could not be made, which costs no point."

Draw = random.Random
Conditions = Callable[[Draw], Scenario]


class CheckFunction(Protocol):
    """A function of `checks.py`: takes the evidence of its scenarios, in their order; raises Failure."""

    __name__: str
    __doc__: str | None

    def __call__(self, *evidence: Evidence) -> object:
        """Judge."""
        ...


F = TypeVar("F", bound=Callable[..., object])


def draw_for(seed: int, exercise: str) -> Draw:
    """Return the random source of one exercise: equal seeds draw equal data, exercises draw apart."""
    return random.Random(f"{seed}/{exercise}")


def points(number: int) -> Callable[[F], F]:
    """Give a check its weight."""
    return _mark("points", number)


def after(*checks: Callable[..., object]) -> Callable[[F], F]:
    """Name the checks on which this one hangs; it is blocked when one of them did not pass."""
    return _mark("after", checks)


def under(*conditions: Conditions) -> Callable[[F], F]:
    """Name the conditions whose evidence the check reads, one argument each."""
    return _mark("under", conditions)


def reads_requests(function: F) -> F:
    """Say that a check reads the program's requests; it is blocked where a broker's log cannot be read."""
    return _mark("reads_requests", True)(function)


def advises(function: F) -> F:
    """Mark a function that returns remarks on the evidence; they never cost a point."""
    return _mark("advises", True)(function)


def _mark(name: str, value: object) -> Callable[[F], F]:
    def mark(function: F) -> F:
        setattr(function, f"rubric_{name}", value)
        return function

    return mark


@dataclass(frozen=True)
class Rubric:
    """What one `checks.py` declares, drawn with one seed.

    Attributes:
        checks: The declared checks, in the file's order, with the function of each.
        scenarios: The conditions that the checks name, in the order of first use.
        remarks: Functions marked `@advises`, each with the names of its scenarios.
    """

    checks: tuple[tuple[Check, CheckFunction], ...]
    scenarios: tuple[Scenario, ...]
    remarks: tuple[tuple[tuple[str, ...], Callable[..., Iterator[str]]], ...]


def read(module: ModuleType, *, seed: int, exercise: str) -> Rubric:
    """Read the rubric of a loaded `checks.py`.

    Raises:
        ExerciseError: A check without points, title or conditions, or two scenarios of one name.
    """
    drawn: dict[Conditions, Scenario] = {}
    checks = []
    remarks = []
    for function in vars(module).values():
        if getattr(function, "__module__", None) != module.__name__:
            continue
        if hasattr(function, "rubric_advises"):
            names = _scenarios(function, drawn, seed, exercise)
            remarks.append((names, cast(Callable[..., Iterator[str]], function)))
        elif getattr(function, "__name__", "").startswith(PREFIX):
            names = _scenarios(function, drawn, seed, exercise)
            checks.append((_check(function, names, exercise), cast(CheckFunction, function)))
    scenarios = tuple(drawn.values())
    if len({scenario.name for scenario in scenarios}) != len(scenarios):
        raise ExerciseError(f"{exercise}/checks.py has two scenarios of one name; give each its own.")
    return Rubric(tuple(checks), scenarios, tuple(remarks))


def _scenarios(
    function: object, drawn: dict[Conditions, Scenario], seed: int, exercise: str
) -> tuple[str, ...]:
    conditions: tuple[Conditions, ...] = getattr(function, "rubric_under", ())
    for each in conditions:
        if each not in drawn:
            drawn[each] = each(draw_for(seed, exercise))
    return tuple(drawn[each].name for each in conditions)


def _check(function: Callable[..., object], scenarios: tuple[str, ...], exercise: str) -> Check:
    title = (function.__doc__ or "").strip().splitlines()
    weight = getattr(function, "rubric_points", None)
    where = f"{exercise}/checks.py: {function.__name__}"
    if not title:
        raise ExerciseError(f"{where} has no docstring; its first line is the title in the report.")
    if not isinstance(weight, int) or weight < 1:
        raise ExerciseError(f"{where} has no points; write @points(1) or more above it.")
    if not scenarios:
        raise ExerciseError(f"{where} names no conditions; write @under(…) above it.")
    hangs_on = getattr(function, "rubric_after", ())
    return Check(
        id=function.__name__.removeprefix(PREFIX),
        title=title[0],
        max_points=weight,
        scenarios=scenarios,
        after=tuple(each.__name__.removeprefix(PREFIX) for each in hangs_on),
        request_log=hasattr(function, "rubric_reads_requests"),
    )
