"""The authors' gate on folders made for it: what it refuses, and what it leaves alone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import exercise, gate
from grader.errors import ExerciseError
from grader.exercise import KIT
from tests import example

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
    for name, folder in {
        "FOLDER": "exercises",
        "STUBS": "stubs",
        "SOLUTIONS": "solutions",
        "SUBMISSIONS": "tests/submissions",
    }.items():
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


def test_an_exercise_without_a_program_that_is_wrong_on_purpose_is_remarked_on(kit: Path) -> None:
    assert [] == gate.remarks(ids(kit))  # a hand-out has no such programs
    (kit / "tests" / "submissions" / "01_small" / "two-records").mkdir(parents=True)
    (kit / "tests" / "submissions" / "01_small" / "two-records" / "expected.toml").write_text("")
    (said,) = gate.remarks(ids(kit))
    assert said.startswith("Remark: tests/submissions/02_other/ holds no program")
    assert [] == gate.remarks(["01_small"])
    assert [] == gate.problems(ids(kit))


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


class TestRenewal:
    def test_what_exercises_has_is_kept_and_each_file_that_is_written_is_named(self, kit: Path) -> None:
        (kit / "exercises" / "01_small" / "producer.py").write_text("# TODO: more\n")
        (said,) = gate.problems(ids(kit))
        assert said.startswith("stubs/01_small/producer.py is not the producer.py of exercises/01_small.")
        assert "make check-exercises EX=01_small ARGS=--renew-stubs`" in said
        assert ["stubs/01_small/producer.py"] == gate.renew_stubs(ids(kit))
        assert {"01_small/producer.py": "# TODO: more\n", "02_other/producer.py": "# TODO\n"} == files(
            kit / "stubs"
        )
        assert [] == gate.problems(ids(kit))

    def test_what_is_kept_already_is_not_written(self, kit: Path) -> None:
        assert [] == gate.renew_stubs(ids(kit))

    def test_a_new_exercise_gets_its_stubs(self, kit: Path) -> None:
        shutil.rmtree(kit / "stubs" / "02_other")
        (kit / "exercises" / "02_other" / "explanation.md").write_text("Why?\n")
        mend = "run `make check-exercises EX=02_other ARGS=--renew-stubs`."
        assert [
            f"stubs/02_other/producer.py is missing; {mend}",
            f"stubs/02_other/explanation.md is missing; {mend}",
        ] == gate.problems(["02_other"])
        assert ["stubs/02_other/producer.py", "stubs/02_other/explanation.md"] == gate.renew_stubs(
            ["02_other"]
        )

    def test_an_exercise_that_is_not_named_is_left_alone(self, kit: Path) -> None:
        for each in ids(kit):
            (kit / "exercises" / each / "producer.py").write_text("# TODO: more\n")
        gate.renew_stubs(["02_other"])
        assert "# TODO\n" == (kit / "stubs" / "01_small" / "producer.py").read_text()

    @pytest.mark.parametrize(
        ("program", "said"),
        [
            ("print('solved')\n", "02_other/producer.py has no TODO"),
            ("# TODO: solved\nprint(1)\n", "02_other/producer.py is the model solution"),
            ("# TODO\n" * 40, "02_other/producer.py has 40 lines or more"),
            ("# TODO\ndef (", "02_other/producer.py is no Python"),
        ],
    )
    def test_a_stub_that_is_none_is_refused_before_any_is_written(
        self, kit: Path, program: str, said: str
    ) -> None:
        (kit / "exercises" / "01_small" / "producer.py").write_text("# TODO: more\n")
        (kit / "exercises" / "02_other" / "producer.py").write_text(program)
        before = files(kit / "stubs")
        with pytest.raises(ExerciseError, match=said) as refused:
            gate.renew_stubs(ids(kit))
        assert "No stub has been renewed." in str(refused.value)
        assert before == files(kit / "stubs")

    def test_what_is_written_by_hand_is_no_stub_either(self, kit: Path) -> None:
        (kit / "exercises" / "01_small" / "explanation.md").write_text("Since.\n")
        (kit / "solutions" / "01_small" / "explanation.md").write_text("Since.\n")
        with pytest.raises(ExerciseError, match=r"01_small/explanation.md is the model solution"):
            gate.renew_stubs(["01_small"])

    @pytest.mark.parametrize(
        ("answers", "said"),
        [
            ("copies = 3\n", "01_small/answers.toml answers `copies`; hand it out as `copies = "),
            ("copies = \n", "01_small/answers.toml cannot be read: It is not TOML"),
        ],
    )
    def test_answers_that_are_given_are_not_handed_out(self, kit: Path, answers: str, said: str) -> None:
        home = kit / "exercises" / "01_small"
        (home / "rubric.toml").write_text('[claims.copies]\nquestion = "How many?"\n')
        (home / "answers.toml").write_text(answers)
        with pytest.raises(ExerciseError, match=said):
            gate.renew_stubs(["01_small"])
        (home / "answers.toml").write_text('copies = "?"\n')
        assert ["stubs/01_small/answers.toml"] == gate.renew_stubs(["01_small"])

    def test_a_file_that_cannot_be_copied_leaves_the_stub_whole(
        self, kit: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def half(_source: Path, target: Path) -> None:
            target.write_text("# TO")
            raise OSError("No space left on device")

        (kit / "exercises" / "01_small" / "producer.py").write_text("# TODO: more\n")
        before = files(kit / "stubs")
        monkeypatch.setattr(shutil, "copy2", half)
        with pytest.raises(OSError, match="No space left"):
            gate.renew_stubs(["01_small"])
        assert before == files(kit / "stubs")


def test_a_stub_that_is_missing_is_named(kit: Path) -> None:
    (kit / "exercises" / "01_small" / "producer.py").unlink()
    assert ["01_small/producer.py is missing; write the stub."] == gate.problems(["01_small"])


class TestExample:
    def test_the_example_for_authors_is_well_made(self, kit: Path) -> None:
        example.write(kit)
        assert [f"stubs/{example.NAME}/producer.py"] == gate.renew_stubs([example.NAME])
        assert [] == gate.problems([example.NAME])
        assert [] == gate.remarks([example.NAME])

    def test_it_is_what_make_check_wants_of_every_exercise(self, tmp_path: Path) -> None:
        example.write(tmp_path)
        shutil.copy2(KIT / "pyproject.toml", tmp_path)
        for verb in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *verb, "."],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            assert 0 == done.returncode, done.stdout
