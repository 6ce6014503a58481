"""A teacher's points for explanations, from the `grading.toml` beside the submissions to the report.

They stand beside the score and are no part of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from grader import answers, exercise
from grader.answers import TeacherPoints
from grader.exercise import EXPLANATION, RUBRIC
from grader.model import ExerciseReport, Report

FILE = "grading.toml"
# A folder of this name is part of a student's repository, and what lies beside it is the student's, too.
IN_A_REPOSITORY = "exercises"


def points_for(submission: Path) -> Mapping[str, TeacherPoints]:
    """Return what a teacher gave for the explanations of one submission, by exercise.

    The submission's folder has the student's name.

    Raises:
        UsageError: What it says of this student is malformed; the message names the line.
    """
    folder = submission.resolve()
    file = folder.parent / FILE
    if folder.name == IN_A_REPOSITORY or not file.exists():
        return {}
    return answers.teacher_grading(file, folder.name, _maxima())


def _maxima() -> Mapping[str, int]:
    folders = (exercise.FOLDER / each for each in exercise.ids())
    return {
        folder.name: sum(criterion.points for criterion in answers.criteria(folder / RUBRIC))
        for folder in folders
        if (folder / EXPLANATION).exists()
    }


def merged(report: Report, given: Mapping[str, TeacherPoints]) -> Report:
    """Return a report with a teacher's points beside its explanations."""
    return replace(report, exercises=tuple(_merged(each, given.get(each.id)) for each in report.exercises))


def _merged(each: ExerciseReport, given: TeacherPoints | None) -> ExerciseReport:
    if given is None or each.explanation is None:
        return each
    explanation = replace(each.explanation, teacher_points=given.points, comment=given.comment)
    return replace(each, explanation=explanation)
