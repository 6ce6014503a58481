"""What students are handed: everything that their commands need, and nothing that gives an answer away."""

import re
import shutil
import subprocess
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


def pages(folder: Path) -> list[Path]:
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix in {".md", ".yml", ".toml"} or path.name == "Makefile"
    ]
    ours = {"grader", "pyproject.toml"}  # for the kit, not for its reader
    return [path for path in found if path.relative_to(folder).parts[0] not in ours]


def code(page: Path) -> str:
    """Return what a page has its reader say or look at: code spans, commands, a compose file's comments."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".md":
        return "\n".join(re.findall(r"#.*", text))
    return "\n".join(re.findall(r"`[^`\n]+`|^ {4,}(?:make|docker|\.venv/bin/python) .*", text, re.MULTILINE))


def test_make_lists_what_its_pages_say_and_nothing_of_an_authors(handed_out: Path) -> None:
    listed = subprocess.run(["make"], cwd=handed_out, capture_output=True, text=True, check=True).stdout
    targets = {word for line in listed.splitlines() for word in line[:28].split()[1:]}
    assert {"grade", "hint", "lab", "up"} <= targets
    assert set() == {"handout", "test", "bench", "check", "lock"} & targets
    read = [page for page in pages(handed_out) if page.name != "Makefile"]
    said = {(page.name, word) for page in read for word in re.findall(r"make ([a-z-]+)", code(page))}
    assert {("student.md", "grade"), ("docker-compose.yml", "up")} <= said
    assert set() == {(page, word) for page, word in said if word not in targets}


@pytest.mark.parametrize("target", ["handout", "test", "bench", "check", "lock"])
def test_make_refuses_what_is_an_authors(handed_out: Path, target: str) -> None:
    done = subprocess.run(["make", target], cwd=handed_out, capture_output=True, text=True, check=False)
    assert 2 == done.returncode
    assert "No rule" in done.stderr


def test_its_pages_name_only_files_that_are_there(handed_out: Path) -> None:
    named = {
        (page.name, word.rstrip("/."))
        for page in pages(handed_out)
        for word in re.findall(r"[\w.][\w./-]*", code(page))
        if re.search(r"\w", word) and (exercise.KIT / word).exists()
    }
    assert ("student.md", "exercises/01_hello_kafka/producer.py") in named
    made_there = {".venv", "report"}
    assert set() == {
        (page, word)
        for page, word in named
        if word.split("/")[0] not in made_there and not (handed_out / word).exists()
    }
    assert set() == {
        page.name for page in pages(handed_out) if re.search(r"build( -t|:)|run --rm", page.read_text())
    }


def test_nothing_is_seen_of_what_was_left_out(handed_out: Path) -> None:
    for page in pages(handed_out):
        text = page.read_text(encoding="utf-8")
        assert "handed out -->" not in text, page
        assert "# not handed out" not in text, page
        assert "handed out again" not in text, page
        assert "\n\n\n" not in text, page


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        handout.write(tmp_path)
    assert ["mine.txt"] == [each.name for each in tmp_path.iterdir()]
