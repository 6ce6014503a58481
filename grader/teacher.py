"""A teacher's points for explanations, from the `grading.toml` beside the submissions to the report.

They stand beside the score and are no part of it.

    ["Ada Lovelace".03_partition_stickiness]
    points = 2
    comment = "Say which records are in order."
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader import answers, exercise
from grader.errors import UsageError
from grader.exercise import EXPLANATION, RUBRIC
from grader.model import ExerciseReport, Report
from grader.toml import Malformed, decoded, kind_of, line_of, listed, parsed

FILE = "grading.toml"
# A folder of this name is part of a student's repository, and what lies beside it is the student's, too.
IN_A_REPOSITORY = "exercises"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeacherPoints:
    """What a teacher gives for one explanation."""

    points: int
    comment: str = ""


def points_for(submission: Path) -> Mapping[str, TeacherPoints]:
    """Return what a teacher gave for the explanations of one submission, by exercise.

    The submission's folder has the student's name. What is said of other students is not judged, so
    that a slip there holds up nobody else.

    Raises:
        UsageError: What it says of this student is malformed; the message names the line.
    """
    folder = submission.resolve()
    file = folder.parent / FILE
    if folder.name == IN_A_REPOSITORY or not file.exists():
        return {}
    return _grading(file, folder.name, _maxima())


def _maxima() -> Mapping[str, int]:
    folders = (exercise.FOLDER / each for each in exercise.ids())
    return {
        folder.name: sum(criterion.points for criterion in answers.criteria(folder / RUBRIC))
        for folder in folders
        if (folder / EXPLANATION).exists()
    }


def _grading(path: Path, student: str, maxima: Mapping[str, int]) -> Mapping[str, TeacherPoints]:
    content = path.read_bytes()
    try:
        try:
            parsed(text := decoded(content))
        except Malformed:
            text = decoded(_lines_about(content, student))
        return dict(_graded(text, student, parsed(text).get(student, {}), maxima))
    except Malformed as error:
        where = path.name if error.line is None else f"{path.name}, line {error.line}"
        raise UsageError(f"{where}: {error.seen}", cure=f"{error.expected} {error.advice}".strip()) from error


def _lines_about(content: bytes, student: str) -> bytes:
    """Return a file that is not TOML as a whole with the lines of other students' tables blank.

    A line that begins a table and cannot be read is of whom it names.
    """
    names = re.compile(rf"(?<![\w-]){re.escape(student)}(?![\w-])")
    lines, inside, mine = [], False, False
    for line in content.decode("utf-8-sig", "surrogateescape").split("\n"):
        if (begins := line.lstrip().startswith("[")) or not inside:
            inside = begins
            try:
                mine = student in tomllib.loads(line.strip())
            except ValueError:
                mine = names.search(line) is not None
        lines.append(line if mine else "")
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _graded(
    text: str, student: str, exercises: object, maxima: Mapping[str, int]
) -> Iterator[tuple[str, TeacherPoints]]:
    if not isinstance(exercises, Mapping):
        raise Malformed(
            f"`{student}` is not a table.",
            line=line_of(text, student),
            expected=f"A table a student and exercise, such as [{student}.{next(iter(maxima), '03')}].",
        )
    for name, given in exercises.items():
        _check_exercise(text, (student, name), given, maxima)
        yield name, TeacherPoints(given["points"], given.get("comment", ""))


def _check_exercise(text: str, key: Key, given: object, maxima: Mapping[str, int]) -> None:
    named = key[-1]
    if named not in maxima:
        near = difflib.get_close_matches(named, maxima, n=1)
        raise Malformed(
            f"`{named}` is no exercise with an explanation.",
            line=line_of(text, *key),
            expected=f"One of {listed(maxima)}.",
            advice=f"Is `{near[0]}` meant?" if near else "",
        )
    most = maxima[named]
    fields = given if isinstance(given, Mapping) else {}
    points = fields.get("points")
    if type(points) is not int or not 0 <= points <= most:
        raise Malformed(
            f"The points of `{'.'.join(key)}` are {kind_of(points)}.",
            line=line_of(text, *key, *(["points"] if points is not None else [])),
            expected=f"A whole number from 0 to {most}: `points = {most}`.",
        )
    for name, value in fields.items():
        if name not in {"points", "comment"} or (name == "comment" and not isinstance(value, str)):
            raise Malformed(
                f"`{name}` is {kind_of(value)}." if name == "comment" else f"`{name}` is not known here.",
                line=line_of(text, *key, name),
                expected="`points`, a whole number, and `comment`, a text.",
            )


def merged(report: Report, given: Mapping[str, TeacherPoints]) -> Report:
    """Return a report with a teacher's points beside its explanations."""
    return replace(report, exercises=tuple(_merged(each, given.get(each.id)) for each in report.exercises))


def _merged(each: ExerciseReport, given: TeacherPoints | None) -> ExerciseReport:
    if given is None or each.explanation is None:
        return each
    explanation = replace(each.explanation, teacher_points=given.points, comment=given.comment)
    return replace(each, explanation=explanation)
