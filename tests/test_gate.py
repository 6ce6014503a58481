"""The authors' gate on folders made for it: what it refuses, and what it leaves alone."""

import shutil
from pathlib import Path

import pytest

from grader import exercise, gate

TITLES = {"One record is stored.": 2, "The value is right.": 3, "Conditions that may not be had.": 1}
STEPS = "1. A nudge.\n2. The concept.\n3. Nearly there.\n"


@pytest.fixture
def kit(exercise_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two exercises that are well made, on which the gate is set."""
    home = exercise_folder / "01_small"
    rows = "".join(f"| {title} | {points} |\n" for title, points in TITLES.items())
    (home / "README.md").write_text(f"# A small exercise\n\n| check | points |\n|---|---|\n{rows}")
    (home / "hints.md").write_text("\n".join(f"## {title}\n\n{STEPS}" for title in TITLES))
    shutil.copytree(home, exercise_folder / "02_other")
    root = exercise_folder.parent
    for each in ("01_small", "02_other"):
        (root / "solutions" / each).mkdir(parents=True)
        (root / "solutions" / each / "producer.py").write_text("print(1)\n")
        (root / "stubs" / each).mkdir(parents=True)
        (root / "stubs" / each / "producer.py").write_text("# TODO\n")
    for name, folder in (("FOLDER", "exercises"), ("STUBS", "stubs"), ("SOLUTIONS", "solutions")):
        monkeypatch.setattr(gate, name, root / folder)
    return root


def ids(kit: Path) -> tuple[str, ...]:
    return exercise.ids(kit / "exercises")


def test_well_made_folders_have_no_problem(kit: Path) -> None:
    assert [] == gate.problems(ids(kit))


def test_only_the_exercises_that_are_named_are_looked_at(kit: Path) -> None:
    (kit / "exercises" / "02_other" / "notes.txt").write_text("")
    assert [] == gate.problems(["01_small"])
    assert ["02_other/notes.txt is a stray file: nothing reads it; remove it."] == gate.problems(["02_other"])
