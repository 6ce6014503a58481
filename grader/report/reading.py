"""How a report is read: where to start, what hangs on what, how outcomes add up.

Page, data and terminal take these from here, so that they never disagree.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import Check, CheckOutcome, ExerciseOutcome, ExerciseReport, Outcome, Report
from grader.report.text import CUT, count

Shown = CheckOutcome | ExerciseOutcome
OUTCOMES: tuple[Shown, ...] = ("passed", "failed", "blocked", "not_attempted", "error")
WORDS: Mapping[str, str] = {
    "passed": "passed",
    "failed": "failed",
    "blocked": "blocked",
    "not_attempted": "not begun",
    "error": "not judged",
}
LONGEST_TEXT = 6_000  # characters of feedback or prose; what is longer was not written to be read
OURS = "This is the grader's or the machine's fault, not yours: no point is lost."
CUT_SHORT = "Not judged: the grading was cut short."


@dataclass(frozen=True)
class Start:
    """What to do next: an exercise, and the check of it that failed first, where one did."""

    exercise: ExerciseReport
    outcome: Outcome | None


def first_failed(exercise: ExerciseReport) -> Outcome | None:
    """Return the failed check of an exercise that comes first in its rubric: the place to start."""
    return next((each for each in exercise.outcomes if each.outcome == "failed"), None)


def hangs_on(exercise: ExerciseReport, outcome: Outcome) -> tuple[Check, ...]:
    """Return the checks that did not pass and on which a blocked one hangs."""
    return tuple(
        each.check
        for each in exercise.outcomes
        if outcome.outcome == "blocked" and each.check.id in outcome.check.after and each.outcome != "passed"
    )


def trouble(exercise: ExerciseReport) -> str:
    """Return what failed on our side, for an exercise that could not be judged."""
    return exercise.trouble or CUT_SHORT


def is_ours(exercise: ExerciseReport, outcome: Outcome) -> bool:
    """Return whether it is no fault of a student's that a check was not judged; its points are not lost.

    What failed may be what it needs itself, or what a check needs on which it hangs.
    """
    hinges = {each.id for each in hangs_on(exercise, outcome)}
    return outcome.outcome == "error" or any(
        is_ours(exercise, each) for each in exercise.outcomes if each.check.id in hinges
    )


def earned(report: Report) -> int | None:
    """Return the points of a report; None where nothing of it was judged, so that nothing is lost."""
    return None if 0 < report.max_score == unjudged_points(report) else report.score


def unjudged_points(report: Report) -> int:
    """Return the points of all checks that could not be judged by no fault of a student's."""
    return sum(
        each.check.max_points
        for exercise in report.exercises
        for each in exercise.outcomes
        if is_ours(exercise, each)
    )


def start(report: Report) -> Start | None:
    """Return what to do next, or None when nothing is left that a student could do.

    Work that has begun comes before work that has not.
    """
    for exercise in report.exercises:
        failed = first_failed(exercise)
        if failed is not None:
            return Start(exercise, failed)
    for outcome in ("not_attempted", "failed"):
        for exercise in report.exercises:
            if exercise.outcome == outcome:
                return Start(exercise, None)
    return None


def first_unjudged(exercise: ExerciseReport) -> Outcome | None:
    """Return the first check that is blocked by no check of its exercise: its conditions could not be had."""
    return next(
        (each for each in exercise.outcomes if each.outcome == "blocked" and not hangs_on(exercise, each)),
        None,
    )


def shown(exercise: ExerciseReport, outcome: Outcome) -> Shown:
    """Return as what a check is shown: a blocked one of an untouched stub is not begun, as its exercise."""
    return "not_attempted" if exercise.outcome == "not_attempted" else outcome.outcome


def tally(report: Report) -> Mapping[Shown, int]:
    """Return how many checks are shown as what, all five named."""
    found = Counter(shown(exercise, each) for exercise in report.exercises for each in exercise.outcomes)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def ignored(exercise: ExerciseReport) -> Mapping[str, str]:
    """Return the names of files that were handed in and not used, each with the reason."""
    found: dict[str, str] = {}
    for evidence in exercise.evidence.values():
        found |= evidence.submission.ignored
    return found


def cut(text: str) -> str:
    """Return a text, of a very long one the beginning and its length."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}{CUT} ({count(len(text), 'character')} in all)"
