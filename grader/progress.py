"""What has passed so far, over all gradings: a file beside the report, an entry an exercise."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from grader import archive
from grader.errors import UsageError
from grader.model import ExerciseReport, Report

FILE = "progress.json"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one exercise is.

    Attributes:
        outcome: Of the last grading that could judge it, as are `score` and `passed`.
        passed: Ids of the checks that passed.
        has_passed: Whether all of them ever did.
    """

    outcome: str
    score: int
    max_score: int
    passed: Sequence[str]
    has_passed: bool


def read(folder: Path) -> Mapping[str, Standing]:
    """Return how far each exercise is that has been graded into this folder, by id.

    Raises:
        UsageError: The file there is not what `keep` has written.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        return {name: Standing(**each) for name, each in json.loads(path.read_text("utf-8")).items()}
    except (ValueError, AttributeError, TypeError) as error:
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


def _standing(each: ExerciseReport, before: Standing | None) -> Standing:
    return Standing(
        outcome=each.outcome,
        score=each.score,
        max_score=each.max_score,
        passed=[outcome.check.id for outcome in each.outcomes if outcome.outcome == "passed"],
        has_passed=each.outcome == "passed" or (before is not None and before.has_passed),
    )
