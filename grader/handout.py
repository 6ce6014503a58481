"""The students' repository: exercises, grader, Makefile, lock, pages; no solutions, tests or benchmarks.

Its Makefile and its pages speak of nothing that is not in it.
"""

import re
import shutil
import tempfile
from pathlib import Path

from grader import exercise, gate
from grader.errors import ExerciseError, UsageError
from grader.exercise import FOLDER, KIT, STUBS

PARTS = (
    ".devcontainer",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "docker-compose.yml",
    "docs",
    "environment",
    "grader",
    "pyproject.toml",
    "requirements.lock",
    "stubs",
)
# What is a teacher's or an author's stands between such lines, in pages, Makefile and docker-compose.yml.
MARKED = re.compile(
    r"^(?:#|<!--) not handed out\b.*?^(?:#|<!--) handed out again\b[^\n]*\n+", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache", "*.bak", "teacher.md")


def write(folder: Path) -> None:
    """Write the students' repository into a folder that is absent or empty, whole or not at all.

    The exercises are handed out as their stubs are, whatever has been tried in them here.

    Raises:
        UsageError: The folder has something in it.
        ExerciseError: An exercise has no stub yet.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"“{folder}” is not empty.",
            cure="Name one that does not exist yet: `make handout DIR=../handout`.",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name:
        whole = Path(name) / "handout"
        whole.mkdir()
        for part in PARTS:
            _copy(KIT / part, whole / part)
        for each in exercise.ids():
            _copy_exercise(each, whole / "exercises" / each)
        for page in (whole / "Makefile", whole / "docker-compose.yml", *whole.glob("**/*.md")):
            _leave_out_what_is_marked(page)
        _leave_out_dead_links(whole / "README.md")
        if folder.exists():
            folder.rmdir()
        whole.rename(folder)


def _copy_exercise(name: str, target: Path) -> None:
    """Copy what belongs to an exercise; what students fill in comes from the stubs alone."""
    if not (STUBS / name / "producer.py").exists():
        raise ExerciseError(
            f"stubs/{name}/producer.py is missing: what would be handed out may be a solution.",
            cure="When exercises/ has it, run `.venv/bin/python -m grader check-exercises --renew-stubs`.",
        )
    target.mkdir(parents=True)
    for part in gate.KNOWN.difference(gate.HANDED_IN, {"__pycache__"}):
        _copy(FOLDER / name / part, target / part)
    for part in gate.HANDED_IN:
        _copy(STUBS / name / part, target / part)


def _leave_out_what_is_marked(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    page.write_text(MARKED.sub("", text).rstrip("\n") + "\n", encoding="utf-8")


def _leave_out_dead_links(page: Path) -> None:
    """Leave out the lines that lead to what is not handed out, such as the authors' page."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    alive = [each for each in lines if all((page.parent / link).exists() for link in LINK.findall(each))]
    page.write_text("".join(alive), encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=LEFT_OUT)
    elif source.exists():
        shutil.copy2(source, target)
