"""What has passed so far, over all gradings: a file beside the report, an entry an exercise."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader import archive
from grader.errors import UsageError
from grader.model import ExerciseReport, Report

FILE = "progress.json"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one exercise is.

    Attributes:
        outcome: Of the last grading that could judge it, as are the score and `passed`.
        passed: Ids of the checks that passed.
        has_passed: Whether all of them ever did.
        best_score: The most points that a grading ever gave.
    """

    outcome: str
    score: int
    max_score: int
    passed: Sequence[str]
    has_passed: bool
    best_score: int

    @property
    def has_been_better(self) -> bool:
        """Whether the last grading is not the best one."""
        return self.best_score > self.score or (self.has_passed and self.outcome != "passed")


def read(folder: Path) -> Mapping[str, Standing]:
    """Return how far each exercise is that has been graded into this folder, by id.

    Raises:
        UsageError: The file there is not what `keep` has written.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        return {name: _entered(each) for name, each in json.loads(path.read_text("utf-8")).items()}
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise UsageError(f"{path} is damaged.", cure="Remove it; the next grading begins it anew.") from error


def keep(folder: Path, report: Report) -> None:
    """Enter what a grading has judged; an exercise that it could not judge stays as it was known."""
    try:
        known = dict(read(folder))
    except UsageError:
        known = {}
    judged = {each.id: each for each in report.exercises if each.outcome != "error"}
    for name, each in judged.items():
        known[name] = _standing(each, known.get(name))
    entries = {name: asdict(standing) for name, standing in sorted(known.items())}
    archive.write(folder / FILE, json.dumps(entries, indent=2) + "\n")


def _entered(each: Mapping[str, Any]) -> Standing:
    """Return an entry of the file; one from before best scores were kept has what can be said of it."""
    best = each["max_score"] if each["has_passed"] else each["score"]
    return Standing(**{"best_score": best, **each})


def _standing(each: ExerciseReport, before: Standing | None) -> Standing:
    return Standing(
        outcome=each.outcome,
        score=each.score,
        max_score=each.max_score,
        passed=[outcome.check.id for outcome in each.outcomes if outcome.outcome == "passed"],
        has_passed=each.outcome == "passed" or (before is not None and before.has_passed),
        best_score=max(each.score, before.best_score if before else 0),
    )
