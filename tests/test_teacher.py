"""A teacher's points: read from beside the submissions, never from one, and shown beside the score."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader import teacher
from grader.errors import UsageError
from grader.model import Criterion, Explanation
from grader.report.data import data
from grader.report.page import page
from grader.teacher import TeacherPoints
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


def graded(tmp_path: Path, text: str, student: str = "ada") -> dict[str, TeacherPoints]:
    (tmp_path / "grading.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    return dict(teacher.points_for(tmp_path / student))


def test_a_teachers_points_are_read_by_student_and_exercise(tmp_path: Path) -> None:
    text = (
        '["Ada L".03_partition_stickiness]\npoints = 2\ncomment = "Which order?"\n[bob.04_acks]\npoints = 0\n'
    )
    assert {"03_partition_stickiness": TeacherPoints(2, "Which order?")} == graded(tmp_path, text, "Ada L")
    assert {"04_acks": TeacherPoints(0)} == graded(tmp_path, text, "bob")
    assert {} == graded(tmp_path, text, "eve")
    (tmp_path / "grading.toml").unlink()
    assert {} == teacher.points_for(tmp_path / "bob")


OF_ADA = [
    ("ada = 3", "grading.toml, line 1: `ada` is not a table."),
    ("\n[ada.03_partition_stickines]\npoints = 1", "line 2: `03_partition_stickines` is no exercise"),
    ("[ada.04_acks]\npoints = 40", "line 2: The points of `ada.04_acks` are the number 40."),
    ("[ada.04_acks]\npoints = '3'", 'line 2: The points of `ada.04_acks` are the text "3".'),
    ("[ada.04_acks]\ncomment = 'x'", "line 1: The points of `ada.04_acks` are missing."),
    ("[ada.04_acks]\npoints = 3\ncomment = 3", "line 3: `comment` is the number 3."),
    ("[ada.04_acks]\npoints = 3\nremark = 'x'", "line 3: `remark` is not known here."),
    ("[ada.04_acks]\npoints = three", "line 2: It is not TOML: `points = three` (invalid value)."),
    ("[ada]\n04_acks = 3", "line 2: The points of `ada.04_acks` are missing."),
    ("[ada.04_acks\npoints = 3", "line 1: It is not TOML: `[ada.04_acks`"),
    ("[ada.04_acks]\npoints = 3\ncomment = '", "line 3: It is not TOML"),
    ('[ada.04_acks]\npoints = 3\ncomment = """Which\norder?', "grading.toml, line 4: It is not TOML"),
    ("[ada.04_acks]\npoints = 3\n[ada.04_acks]\npoints = 3", "line 3: It is not TOML: `[ada.04_acks]`"),
    ("[ada.04_acks]\npoints = 3\ncomment = 'tr\udce8s bien'", "line 3: Its byte 0xe8 is not UTF-8."),
]


@pytest.mark.parametrize(("text", "said"), OF_ADA)
def test_a_malformed_grading_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        graded(tmp_path, text)
    assert said in str(raised.value)
    assert raised.value.cure


@pytest.mark.parametrize("text", [text for text, _ in OF_ADA if "[" in text])
@pytest.mark.parametrize("first", [True, False])
def test_what_is_malformed_for_one_student_does_not_hold_up_another(
    tmp_path: Path, text: str, *, first: bool
) -> None:
    of_bob = '[bob.04_acks]\npoints = 2\ncomment = "Better than ada."\n'
    whole = f"{text}\n{of_bob}" if first else f"{of_bob}{text}\n"
    assert {"04_acks": TeacherPoints(2, "Better than ada.")} == graded(tmp_path, whole, "bob")
    assert {} == graded(tmp_path, whole, "eve")
    with pytest.raises(UsageError):
        graded(tmp_path, whole, "ada")


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
