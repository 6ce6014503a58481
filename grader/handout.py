"""The students' repository: exercises, grader, Makefile, locks, README; no solutions, tests or benchmarks."""

import re
import shutil
import tempfile
from pathlib import Path

from grader.errors import UsageError
from grader.exercise import KIT

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
    "exercises",
    "grader",
    "pyproject.toml",
    "requirements.lock",
    "stubs",
)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache")


def write(folder: Path) -> None:
    """Write the students' repository into a folder that is absent or empty, whole or not at all.

    The exercises are handed out as their stubs are, whatever has been tried in them here.

    Raises:
        UsageError: The folder has something in it.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"“{folder}” is not empty.", cure="Name a folder that does not exist yet.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as name:
        whole = Path(name) / "handout"
        whole.mkdir()
        for part in PARTS:
            _copy(KIT / part, whole / part)
        shutil.copytree(KIT / "stubs", whole / "exercises", dirs_exist_ok=True)
        _leave_out_dead_links(whole / "README.md")
        if folder.exists():
            folder.rmdir()
        whole.rename(folder)


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
