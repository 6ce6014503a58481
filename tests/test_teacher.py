"""A teacher's points: read from beside the submissions, never from one, and shown beside the score."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader import teacher
from grader.answers import TeacherPoints
from grader.errors import UsageError
from grader.model import Criterion, Explanation
from grader.report.data import data
from grader.report.page import page
from tests import report_samples as samples

ADA = '[ada.03_partition_stickiness]\npoints = 2\ncomment = "Which order?"\n[bob.04_acks]\npoints = 1\n'


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """Return a folder of submissions with a teacher's file beside them."""
    for name in ("ada", "bob", "eve", "exercises"):
        (tmp_path / name).mkdir()
    (tmp_path / teacher.FILE).write_text(ADA)
    return tmp_path


def test_points_are_the_students_own(submissions: Path) -> None:
    assert {"03_partition_stickiness": TeacherPoints(2, "Which order?")} == teacher.points_for(
        submissions / "ada"
    )
    assert {"04_acks": TeacherPoints(1)} == teacher.points_for(submissions / "bob")
    assert {} == teacher.points_for(submissions / "eve")


def test_a_file_in_the_submission_is_not_read(submissions: Path) -> None:
    (submissions / "eve" / teacher.FILE).write_text(ADA.replace("ada", "eve"))
    assert {} == teacher.points_for(submissions / "eve")


def test_a_file_in_a_students_repository_is_not_read(submissions: Path) -> None:
    (submissions / teacher.FILE).write_text(ADA.replace("ada", "exercises"))
    assert {} == teacher.points_for(submissions / "exercises")


def test_a_malformed_file_is_refused_before_anything_is_graded(submissions: Path) -> None:
    (submissions / teacher.FILE).write_text("[ada.03_partition_stickiness]\npoints = 99\n")
    with pytest.raises(UsageError, match="line 2"):
        teacher.points_for(submissions / "ada")


def test_a_malformed_line_for_one_student_leaves_the_others_theirs(submissions: Path) -> None:
    (submissions / teacher.FILE).write_text(ADA.replace("points = 2", "points = two"))
    assert {"04_acks": TeacherPoints(1)} == teacher.points_for(submissions / "bob")
    with pytest.raises(UsageError, match="line 2"):
        teacher.points_for(submissions / "ada")


def test_points_stand_beside_the_score() -> None:
    explanation = Explanation("Because.", (Criterion("It says why.", 4),))
    report = samples.report_of(replace(samples.right(), explanation=explanation), samples.ten_keys())
    given = teacher.merged(report, {samples.right().id: TeacherPoints(3, "Good, but short.")})
    assert report.score == given.score
    assert report.exercises[1] == given.exercises[1]
    entry = data(given)["exercises"][0]["explanation"]  # type: ignore[index]
    assert (3, 4, "Good, but short.") == (entry["teacher_points"], entry["teacher_max"], entry["comment"])
    assert "Good, but short." in page(given)


def test_points_for_what_has_no_explanation_change_nothing() -> None:
    report = samples.report_of(samples.right())
    assert report == teacher.merged(report, {samples.right().id: TeacherPoints(3)})
