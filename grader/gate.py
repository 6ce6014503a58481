"""The authors' gate: what every exercise folder must hold before it is handed out.

What a folder says is checked here; that its stub fails and its solution passes is seen by grading.
"""

import ast
import shutil
from collections.abc import Iterator

from grader import exercise, hints
from grader.errors import ExerciseError
from grader.exercise import FOLDER, SOLUTIONS, STUBS, Exercise
from grader.submission import KIT_FILES, KIT_FOLDERS

HANDED_IN = ("producer.py", "answers.toml", "explanation.md")
MAX_STUB_LINES = 40
# All that an exercise's folder may hold; anything else is a stray file, and not handed out.
KNOWN = KIT_FILES | KIT_FOLDERS | set(HANDED_IN) | {"rubric.toml"}
STEPS = 3
SEED = 1


def problems() -> list[str]:
    """Return what is wrong with the exercise folders, a sentence each; nothing when all is well."""
    found = []
    for each in exercise.ids():
        try:
            found += list(_problems(exercise.load(each, seed=SEED)))
        except ExerciseError as error:
            found.append(str(error))
    return found


def renew_stubs() -> None:
    """Keep the stubs of `exercises/` as what `reset` and a hand-out give."""
    for each in exercise.ids():
        (STUBS / each).mkdir(parents=True, exist_ok=True)
        for name in HANDED_IN:
            if (FOLDER / each / name).exists():
                shutil.copy2(FOLDER / each / name, STUBS / each / name)


def _problems(each: Exercise) -> Iterator[str]:
    yield from _about_the_stub(each)
    yield from _about_the_text(each)
    for path in sorted(each.folder.iterdir()):
        if path.name not in KNOWN:
            yield f"{each.id}/{path.name} is a stray file: nothing reads it; remove it."
    solution = SOLUTIONS / each.id / "producer.py"
    if not solution.exists():
        yield f"solutions/{each.id}/producer.py is missing; write the model solution."


def _about_the_stub(each: Exercise) -> Iterator[str]:
    stub = (each.folder / "producer.py").read_text(encoding="utf-8")
    if "TODO" not in stub:
        yield f"{each.id}/producer.py has no TODO; say there what the student writes."
    if len(stub.splitlines()) >= MAX_STUB_LINES:
        yield f"{each.id}/producer.py has {MAX_STUB_LINES} lines or more; hand out less."
    try:
        ast.parse(stub)
    except SyntaxError as error:
        yield f"{each.id}/producer.py is no Python: {error}."
    for name in HANDED_IN:
        path, kept = each.folder / name, STUBS / each.id / name
        if path.exists() and (not kept.exists() or path.read_bytes() != kept.read_bytes()):
            yield (
                f"stubs/{each.id}/{name} is not the {name} of exercises/{each.id}; "
                "when the one in exercises/ is right, "
                "run `.venv/bin/python -m grader check-exercises --renew-stubs`."
            )


def _about_the_text(each: Exercise) -> Iterator[str]:
    readme = (each.folder / "README.md").read_text(encoding="utf-8")
    steps = hints.read(each.folder / "hints.md") if (each.folder / "hints.md").exists() else {}
    for check, _ in each.rubric.checks:
        row = next((line for line in readme.splitlines() if line.startswith("|") and check.title in line), "")
        if not row:
            yield f"{each.id}/README.md has no row in its table for the check “{check.title}”."
        elif str(check.max_points) not in [cell.strip() for cell in row.split("|")]:
            yield f"{each.id}/README.md does not give “{check.title}” its {check.max_points} points."
        if len(steps.get(check.title, ())) != STEPS:
            yield f"{each.id}/hints.md needs a heading “## {check.title}” with {STEPS} numbered paragraphs."
    for title in steps:
        if title not in {check.title for check, _ in each.rubric.checks}:
            yield f"{each.id}/hints.md has a hint for “{title}”, which is no check."
