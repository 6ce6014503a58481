"""Experiments of the lesson, run live: each gives a table, a plot and one sentence.

A lab is a module of this package that has a `LAB`; its name is the module's, with hyphens. To add one,
add a module. Its programs are shown to the student as they were run; its sentence is made from the
figures alone, so that it can never contradict them.
"""

import difflib
import importlib
import pkgutil
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from grader.errors import UsageError
from grader.labs import page, terminal
from grader.labs.finding import Finding
from grader.labs.stage import Stage, stages

__all__ = ["Lab", "find", "main"]

Figures = TypeVar("Figures")


@dataclass(frozen=True, slots=True)
class Lab(Generic[Figures]):
    """One experiment.

    Attributes:
        question: What it answers.
        measure: Runs the programs on a broker; what is drawn at random comes from the seed.
        show: Turns the figures into table, plot and sentence; pure.
        programs: The functions that were run, in the order in which they are shown.
        brokers: How many brokers it needs.
    """

    question: str
    measure: Callable[[Stage, random.Random], Figures]
    show: Callable[[Figures], Finding]
    programs: tuple[Callable[..., object], ...]
    brokers: int = 1

    def run(self, stage: Stage, draw: random.Random) -> Finding:
        """Measure, and show what was measured."""
        return self.show(self.measure(stage, draw))


def find() -> Mapping[str, Lab[Any]]:
    """Return every lab by its name."""
    modules = (importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__))
    return {
        module.__name__.rpartition(".")[2].replace("_", "-"): module.LAB
        for module in modules
        if hasattr(module, "LAB")
    }


def main(names: Sequence[str], out: Path, seed: int) -> int:
    """Run these labs, or all of them; print each and write it to `out`.

    Raises:
        UsageError: There is no lab of that name.
    """
    labs = find()
    for name in names:
        if name not in labs:
            raise UsageError(f"There is no lab “{name}”.", cure=_cure(name, sorted(labs)))
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        stage_of = held.enter_context(stages())
        for name in dict.fromkeys(names or labs):
            lab = labs[name]
            print(f"{name}: {lab.question}\n", flush=True)
            finding = lab.run(stage_of(lab.brokers), random.Random(f"{seed} {name}"))
            path = out / f"lab-{name}.html"
            path.write_text(page.page(name, lab.question, lab.programs, finding), encoding="utf-8")
            print(terminal.text(finding), f"  {path}\n", sep="\n", flush=True)
    return 0


def _cure(name: str, known: Sequence[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    meant = f"Did you mean “{nearest[0]}”? " if nearest else ""
    return f"{meant}There are: {', '.join(known)}."
