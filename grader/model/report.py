"""What a check is, what becomes of it, and what is told of a whole grading."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from grader.model.evidence import Evidence

CheckOutcome = Literal["passed", "failed", "blocked", "error"]
ExerciseOutcome = Literal["passed", "failed", "error", "not_attempted"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said of a check that did not pass.

    Attributes:
        seen: What was seen, with figures and places.
        expected: What a correct program shows there.
        advice: What to try next.
    """

    seen: str = ""
    expected: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One graded fact as the exercise declares it.

    Attributes:
        id: The function's name without `check_`.
        title: A true statement about a correct program.
        scenarios: Names of the scenarios whose evidence it reads.
        after: Ids of the checks on which it hangs.
        request_log: Whether it reads the program's requests, which the broker's request log alone holds.
    """

    id: str
    title: str
    max_points: int
    scenarios: tuple[str, ...]
    after: tuple[str, ...] = ()
    request_log: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """A written answer beside what the broker did.

    Attributes:
        claim: The question's name in answers.toml.
        last: The answer that was judged, in words.
        truth: The answer that the experiment gave, in words.
        because: The experiment's figures.
        first: The answer that was judged first, in earlier gradings; empty where that is not known.
    """

    claim: str
    question: str
    last: str
    truth: str
    because: str
    correct: bool
    first: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the rubric by which a teacher reads an explanation."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was handed in as prose, and what a teacher gave for it, where one did.

    Attributes:
        text: `explanation.md`, as handed in.
        rubric: By which it is read; its points stand beside the score and are no part of it.
    """

    text: str
    rubric: tuple[Criterion, ...]
    teacher_points: int | None = None
    comment: str = ""

    @property
    def teacher_max(self) -> int:
        """The points that a teacher can give."""
        return sum(criterion.points for criterion in self.rubric)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check.

    Attributes:
        prediction: The written answer that it judged, where it judged one.
    """

    check: Check
    outcome: CheckOutcome
    points: int
    feedback: Feedback = field(default_factory=Feedback)
    prediction: Prediction | None = None


@dataclass(frozen=True, slots=True)
class ExerciseReport:
    """One exercise of a report.

    Attributes:
        title: The heading of the exercise's README.
        evidence: What was seen, by the scenario's name, in the order of running.
        trouble: For outcome `error`: what failed on our side, and what mends it.
        cure: What mends it, alone; empty where that is not known.
        advice: Remarks that cost no points.
        explanation: What was handed in as prose, where the exercise asks for it.
    """

    id: str
    title: str
    outcome: ExerciseOutcome
    outcomes: tuple[Outcome, ...]
    digest: str = ""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    advice: tuple[str, ...] = ()
    trouble: str = ""
    cure: str = ""
    explanation: Explanation | None = None

    @property
    def score(self) -> int:
        """Points earned."""
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def max_score(self) -> int:
        """Points of all declared checks."""
        return sum(outcome.check.max_points for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Environment:
    """Versions and conditions under which a grading ran."""

    python: str
    kafka_python: str
    kafka: str
    broker: str
    isolation: str


@dataclass(frozen=True, slots=True)
class Report:
    """All of one submission.

    Attributes:
        complete: Whether every check of every exercise was judged (no outcome `error`, none cut short).
        seed: Equal seeds give equal ids, outcomes, points and first-named causes.
    """

    exercises: tuple[ExerciseReport, ...]
    complete: bool
    seed: int
    kit_version: str
    environment: Environment

    @property
    def score(self) -> int:
        """Points earned in all exercises."""
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> int:
        """Points of all exercises."""
        return sum(exercise.max_score for exercise in self.exercises)
