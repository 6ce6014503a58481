"""What students are handed: everything that their commands need, and nothing that gives an answer away."""

import re
from pathlib import Path

import pytest

from grader import exercise, handout
from grader.errors import UsageError


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
