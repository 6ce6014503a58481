"""One submission → one report: submission → sandbox → evidence → checks → outcomes → report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader import answers, exercise, submission
from grader.errors import ConditionsUnavailable, GraderError
from grader.exercise import EXPLANATION, RUBRIC, Exercise
from grader.judge import Judge
from grader.lanes import Job, Lanes, Pool, plan
from grader.model import (
    Check,
    Environment,
    Evidence,
    ExerciseOutcome,
    ExerciseReport,
    Explanation,
    Feedback,
    Outcome,
    Report,
    Submission,
)

KIT_VERSION = "0.1.0"
NOT_YET = Feedback(seen="Not judged yet.", advice="Grade again: this grading was cut short.")
UNTOUCHED = Feedback(seen="The stub is unchanged.", advice="Open producer.py and follow its TODO.")

OnReport = Callable[[Report], None]


@dataclass(frozen=True)
class Order:
    """What is to be graded.

    Attributes:
        exercises: Ids, in order.
        folder: Holds one folder an exercise, as `exercises/` does.
        predictions: Where first predictions are kept; None where none are to be.
    """

    exercises: Sequence[str]
    folder: Path
    seed: int
    predictions: Path | None = None


def grade(order: Order, *, pool: Pool, environment: Environment, on_report: OnReport) -> Report:
    """Grade a submission.

    Args:
        on_report: Called with the report so far whenever an exercise is done.

    Raises:
        ExerciseError: An exercise folder is malformed.
    """
    exercises = [exercise.load(each, seed=order.seed) for each in order.exercises]
    submissions = {each.id: submission.read(order.folder, each) for each in exercises}
    ledger = Ledger(exercises, submissions, order.seed, environment)
    attempted = [each for each in exercises if not submissions[each.id].not_attempted]
    if attempted:
        shop = pool.workshop
        jobs = [
            Job(submissions[each.id], scenario, shop.brokers_for(scenario))
            for each in attempted
            for scenario in each.rubric.scenarios
        ]
        judge = Judge(attempted, seed=order.seed, folder=shop.folder, environment=shop.environment)
        lanes = Lanes(pool, jobs, Delivery(judge, ledger), lanes=plan(jobs, shop.most_lanes))
        try:
            judge.outcomes(lambda each, outcome: ledger.enter(each, outcome, on_report))
            ledger.remarks = judge.remarks
        except BaseException:
            shop.sandbox.cancel()
            on_report(ledger.report())
            raise
        finally:
            lanes.close()
            judge.close()
    return remembered(ledger.report(), order.predictions)


def remembered(report: Report, path: Path | None) -> Report:
    """Return a report whose predictions stand beside the first ones, and keep those that are new."""
    if path is None:
        return report
    return replace(report, exercises=tuple(_remembered(each, path) for each in report.exercises))


def _remembered(each: ExerciseReport, path: Path) -> ExerciseReport:
    made = [outcome.prediction for outcome in each.outcomes if outcome.prediction is not None]
    if not made:
        return each
    by_claim = {prediction.claim: prediction for prediction in answers.keep_first(path, each.id, made)}
    outcomes = (
        outcome
        if outcome.prediction is None
        else replace(outcome, prediction=by_claim[outcome.prediction.claim])
        for outcome in each.outcomes
    )
    return replace(each, outcomes=tuple(outcomes))


@dataclass
class Delivery:
    """Enters what became of a run, and hands it to the judge."""

    judge: Judge
    ledger: "Ledger"

    def __call__(self, job: Job, result: Evidence | GraderError) -> None:
        """Take the evidence of one job, or the reason why there is none."""
        which = (job.submission.exercise, job.scenario.name)
        if isinstance(result, Evidence):
            self.ledger.evidence.setdefault(which[0], {})[which[1]] = result
        elif not isinstance(result, ConditionsUnavailable):
            self.ledger.trouble.setdefault(which[0], result)
        self.judge.hand_over(*which, result)


@dataclass
class Ledger:
    """What is known so far; a report of it can be made at any moment."""

    exercises: Sequence[Exercise]
    submissions: Mapping[str, Submission]
    seed: int
    environment: Environment
    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    evidence: dict[str, dict[str, Evidence]] = field(default_factory=dict)
    trouble: dict[str, GraderError] = field(default_factory=dict)
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def enter(self, exercise_id: str, outcome: Outcome, on_report: OnReport) -> None:
        """Enter one outcome; when it is its exercise's last, hand out the report so far."""
        known = self.outcomes.setdefault(exercise_id, {})
        known[outcome.check.id] = outcome
        if outcome.outcome == "error":
            self.trouble.setdefault(exercise_id, GraderError(outcome.feedback.seen))
        declared = next(each.rubric.checks for each in self.exercises if each.id == exercise_id)
        if len(known) == len(declared):
            on_report(self.report())

    def report(self) -> Report:
        """Return the report of what is known."""
        reports = tuple(self._exercise(each) for each in self.exercises)
        return Report(
            exercises=reports,
            complete=all(each.outcome != "error" for each in reports),
            seed=self.seed,
            kit_version=KIT_VERSION,
            environment=self.environment,
        )

    def _exercise(self, each: Exercise) -> ExerciseReport:
        handed_in = self.submissions[each.id]
        known = self.outcomes.get(each.id, {})
        outcomes = tuple(
            known.get(check.id) or _unjudged(check, untouched=handed_in.not_attempted)
            for check, _ in each.rubric.checks
        )
        seen = self.evidence.get(each.id, {})
        trouble = self.trouble.get(each.id, GraderError(""))
        return ExerciseReport(
            id=each.id,
            title=each.title,
            outcome="not_attempted" if handed_in.not_attempted else _outcome(outcomes),
            outcomes=outcomes,
            digest=handed_in.digest,
            evidence={each.name: seen[each.name] for each in each.rubric.scenarios if each.name in seen},
            advice=tuple(dict.fromkeys(self.remarks.get(each.id, ()))),
            trouble=str(trouble),
            cure=trouble.cure,
            explanation=_explanation(each, handed_in),
        )


def _explanation(each: Exercise, handed_in: Submission) -> Explanation | None:
    if not (each.folder / RUBRIC).exists() or EXPLANATION not in handed_in.files:
        return None
    text = handed_in.files[EXPLANATION].decode("utf-8", "replace")
    return Explanation(text, answers.criteria(each.folder / RUBRIC))


def _unjudged(check: Check, *, untouched: bool) -> Outcome:
    return Outcome(check, "blocked", 0, UNTOUCHED) if untouched else Outcome(check, "error", 0, NOT_YET)


def _outcome(outcomes: Sequence[Outcome]) -> ExerciseOutcome:
    if any(each.outcome == "error" for each in outcomes):
        return "error"
    return "passed" if all(each.outcome == "passed" for each in outcomes) else "failed"
