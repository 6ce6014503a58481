"""What students are handed: everything that their commands need, and nothing that gives an answer away."""

import re
import shutil
from pathlib import Path

import pytest

from grader import exercise, gate, handout
from grader.errors import ExerciseError, UsageError

ONE = "01_hello_kafka"


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handout") / "kafka-exercises"
    handout.write(folder)
    return folder


def test_there_is_no_solution_no_test_and_no_benchmark(handed_out: Path) -> None:
    assert set() == {"solutions", "tests", "benchmarks", ".ci", ".git"} & {
        each.name for each in handed_out.iterdir()
    }
    for each in exercise.ids():
        stub = (exercise.STUBS / each / "producer.py").read_bytes()
        assert stub == (handed_out / "exercises" / each / "producer.py").read_bytes()


def test_what_an_author_has_tried_or_left_lying_there_stays_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = tmp_path / "exercises"
    shutil.copytree(exercise.FOLDER, tried)
    monkeypatch.setattr(handout, "FOLDER", tried)
    strays = (
        "producer.py.bak",
        "producer.py~",
        ".producer.py.swp",
        "notes/answer.py",
        "experiments/a.py.bak",
    )
    for name in ("explanation.md", "producer.py", *strays):
        (tried / ONE / name).parent.mkdir(exist_ok=True)
        (tried / ONE / name).write_text("solved")
    (tried / ONE / ".#producer.py").symlink_to("an editor's lock")
    (tried / "10_draft").mkdir()
    handout.write(tmp_path / "handed")
    given = tmp_path / "handed" / "exercises"
    assert exercise.ids() == tuple(sorted(each.name for each in given.iterdir()))
    assert {"README.md", "checks.py", "hints.md", "producer.py"} == {
        each.name for each in (given / ONE).iterdir() if each.name != "experiments"
    }
    assert [] == [path for path in given.rglob("*") if path.is_file() and path.read_text() == "solved"]


def test_every_file_of_an_exercise_is_handed_out(handed_out: Path) -> None:
    for each in exercise.ids():
        here = {path.name for path in (exercise.FOLDER / each).iterdir()} & gate.KNOWN - {"__pycache__"}
        assert here == {path.name for path in (handed_out / "exercises" / each).iterdir()}


def test_an_exercise_without_a_stub_is_not_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handout, "STUBS", tmp_path)
    with pytest.raises(ExerciseError, match=r"stubs/01_hello_kafka/producer\.py is missing"):
        handout.write(tmp_path / "handed")
    assert [] == list(tmp_path.iterdir())


def test_every_link_of_its_pages_leads_somewhere(handed_out: Path) -> None:
    dead = [
        f"{page.relative_to(handed_out)}: {link}"
        for page in [
            handed_out / "README.md",
            *handed_out.glob("docs/*.md"),
            *handed_out.glob("exercises/*/*.md"),
        ]
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert [] == dead


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        handout.write(tmp_path)
    assert ["mine.txt"] == [each.name for each in tmp_path.iterdir()]
