"""The import layers, read from the source: arrows point down only."""

import ast
import sys
from pathlib import Path

import pytest

KIT = Path(__file__).parent.parent
GRADER = KIT / "grader"

# Who may import whom, module or package by module or package; `*` is every module of the grader.
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "toml": set(),
    "errors": set(),
    "archive": {"model"},
    "rubric": {"model", "errors"},
    "diagnosis": {"model"},
    "expect": {"model", "errors", "diagnosis", "answers", "toml"},
    "answers": {"model", "errors", "toml"},
    "__init__": {"drawing", "expect", "model", "rubric", "answers"},
    "drawing": {"rubric"},
    "exercise": {"rubric", "errors"},
    "submission": {"answers", "exercise", "model", "errors"},
    "broker": {"model", "errors"},
    "relay": {"model", "errors"},
    "sandbox": {"model", "errors", "reaper"},
    "reaper": {"errors"},
    "evidence": {"broker", "model", "errors"},
    "plugin": {"archive", "exercise", "expect", "rubric", "model", "errors"},
    "replication": {"broker", "relay", "errors"},
    "faults": {"replication", "broker", "relay", "model", "errors"},
    "lane": {
        "evidence",
        "broker",
        "faults",
        "relay",
        "replication",
        "sandbox",
        "submission",
        "model",
        "errors",
    },
    "lanes": {"lane", "submission", "model", "errors"},
    "judge": {"archive", "exercise", "model", "errors"},
    "session": {"room", "broker", "lane", "relay", "replication", "sandbox", "reaper", "model", "errors"},
    "grading": {"exercise", "submission", "judge", "lane", "lanes", "model", "errors", "answers"},
    "on_demand": {"exercise", "session", "submission", "lane", "plugin", "model", "errors"},
    "by_hand": {"broker", "exercise", "errors", "model"},
    "offers": {"broker", "exercise", "model"},
    "setup": {"broker", "reaper"},
    "room": set(),
    "watch": {"submission", "errors"},
    "gate": {"answers", "exercise", "hints", "errors", "rubric", "submission", "toml"},
    "handout": {"exercise", "gate", "errors"},
    "hints": {"archive", "errors"},
    "teacher": {"answers", "errors", "exercise", "model", "toml"},
    "progress": {"archive", "errors", "model"},
    "report": {"model"},
    "doctor": {"broker", "errors", "room", "sandbox"},
    "labs": {"broker", "relay", "reaper", "replication", "report", "errors", "model", "sandbox"},
}
FOREIGN = {
    "pytest": {"plugin", "on_demand"},
    "kafka": {"broker", "evidence", "sandbox", "labs"},
    "jinja2": {"report", "labs"},
    "dask": {"batch"},
    "watchfiles": {"watch"},
}
TOP = {"cli", "__main__"}


def modules() -> list[Path]:
    return sorted(GRADER.rglob("*.py"))


def part(path: Path) -> str:
    inside = path.relative_to(GRADER)
    return inside.parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            whole = {"grader"} if node.module == "grader" else set()
            names |= {f"grader.{a.name}" for a in node.names} if whole else {node.module}
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(GRADER)))
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    name = part(path)
    if name in TOP:
        return
    below = {each.split(".")[1] for each in imported(path) if each.startswith("grader.")}
    assert set() == below - MAY_IMPORT[name] - {name}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(GRADER)))
def test_foreign_libraries_stay_where_they_belong(path: Path) -> None:
    roots = {each.split(".")[0] for each in imported(path)}
    misplaced = {root for root in roots & FOREIGN.keys() if part(path) not in FOREIGN[root]}
    assert set() == misplaced


@pytest.mark.parametrize(
    "path", [*sorted((GRADER / "model").glob("*.py")), GRADER / "errors.py"], ids=lambda path: path.name
)
def test_the_nouns_import_the_standard_library_alone(path: Path) -> None:
    foreign = {each for each in imported(path) if not each.startswith("grader.model.")}
    assert set() == {each.split(".")[0] for each in foreign} - sys.stdlib_module_names


def test_what_runs_inside_the_students_process_imports_nothing_of_the_grader() -> None:
    names = imported(GRADER / "sandbox" / "child.py")
    assert set() == {each for each in names if each.startswith("grader")}


def test_broker_relay_and_sandbox_do_not_know_each_other() -> None:
    parts = ("broker", "relay", "sandbox")
    knows = {
        (one, other)
        for one in parts
        for path in (GRADER / one).rglob("*.py")
        for other in parts
        if other != one and any(name.startswith(f"grader.{other}") for name in imported(path))
    }
    assert set() == knows


@pytest.mark.parametrize(
    "path", sorted((KIT / "exercises").glob("*/checks.py")), ids=lambda path: path.parent.name
)
def test_checks_import_the_grader_and_the_standard_library_alone(path: Path) -> None:
    roots = {each.split(".")[0] for each in imported(path)}
    assert set() == roots - sys.stdlib_module_names - {"grader"}
    assert set() == {each for each in imported(path) if each.startswith("grader.") and each.count(".") > 1}


@pytest.mark.parametrize(
    "path",
    sorted([*(KIT / "exercises").glob("*/producer.py"), *(KIT / "solutions").glob("*/*.py")]),
    ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}",
)
def test_stubs_and_solutions_never_import_the_grader(path: Path) -> None:
    assert set() == {each for each in imported(path) if each.split(".")[0] == "grader"}


def test_folders_are_never_deeper_than_one() -> None:
    assert {1, 2} >= {len(path.relative_to(GRADER).parts) for path in modules()}
