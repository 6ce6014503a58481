"""Finding and loading exercise folders; malformed ones are refused with a sentence that mends."""

import shutil
from pathlib import Path

import pytest

from grader import exercise
from grader.errors import ExerciseError, UsageError


def test_an_exercise_is_found_and_loaded(exercise_folder: Path) -> None:
    assert ("01_small",) == exercise.ids(exercise_folder)
    loaded = exercise.load("01_small", seed=1, folder=exercise_folder)
    assert "A small exercise" == loaded.title
    assert ["one_record", "value", "broken"] == [check.id for check, _ in loaded.rubric.checks]
    assert ("one_record",) == loaded.rubric.checks[1][0].after
    assert ["healthy", "broken"] == [each.name for each in loaded.rubric.scenarios]


def test_equal_seeds_draw_equal_data(exercise_folder: Path) -> None:
    drawn = {
        seed: exercise.load("01_small", seed=seed, folder=exercise_folder).rubric.scenarios[0].topics
        for seed in range(20)
    }
    again = exercise.load("01_small", seed=7, folder=exercise_folder).rubric.scenarios[0].topics
    assert drawn[7] == again
    assert 1 < len({topics[0].partitions for topics in drawn.values()})


@pytest.mark.parametrize("word", ["01_small", "01", "1", "exercises/01_small/", "01_s"])
def test_a_word_names_an_exercise(exercise_folder: Path, word: str) -> None:
    assert ("01_small",) == exercise.choose([word], exercise_folder)


def test_a_number_is_no_beginning(exercise_folder: Path) -> None:
    shutil.copytree(exercise_folder / "01_small", exercise_folder / "10_large")
    assert ("01_small",) == exercise.choose(["1"], exercise_folder)
    assert ("01_small", "10_large") == exercise.choose(["10", "1"], exercise_folder)


def test_an_unknown_exercise_is_wrong_use_and_the_nearest_is_named(exercise_folder: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 01_small"):
        exercise.choose(["01_smal1"], exercise_folder)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("README.md", "no heading", "has no heading"),
        ("checks.py", "def check_x(evidence):\n    '''A title.'''\n", "has no points"),
        ("checks.py", "def check_x(evidence):\n    pass\n", "has no docstring"),
        (
            "checks.py",
            "from grader import points\n@points(1)\ndef check_x(evidence):\n    '''A title.'''\n",
            "names no conditions",
        ),
        ("checks.py", "\nimport no\n", "01_small/checks.py line 2 cannot be loaded: ModuleNotFoundError"),
        ("checks.py", "import json\njson.loads('{')\n", "01_small/checks.py line 2 cannot be loaded: JSON"),
        ("checks.py", "\ndef (", r"01_small/checks.py cannot be loaded: SyntaxError: .*checks.py, line 2"),
        (
            "checks.py",
            "from grader import under\ndef f(draw): 1 / 0\n@under(f)\ndef check_x(evidence): 'A title.'\n",
            "01_small/checks.py line 2 cannot be loaded: ZeroDivisionError",
        ),
    ],
)
def test_a_malformed_folder_is_refused(exercise_folder: Path, file: str, text: str, said: str) -> None:
    (exercise_folder / "01_small" / file).write_text(text)
    with pytest.raises(ExerciseError, match=said):
        exercise.load("01_small", seed=1, folder=exercise_folder)
