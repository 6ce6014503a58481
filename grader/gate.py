"""The authors' gate: what every exercise folder must hold before it is handed out.

What a folder says is checked here; that its stub fails and its solution passes is seen by grading.
"""

import ast
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from grader import answers, exercise, hints
from grader.errors import ExerciseError
from grader.exercise import EXPLANATION, FOLDER, KIT, RUBRIC, SOLUTIONS, STUBS, Exercise
from grader.rubric import UNMADE
from grader.submission import KIT_FILES, KIT_FOLDERS, PROGRAM
from grader.toml import Malformed

HANDED_IN = (PROGRAM, answers.FILE, EXPLANATION)
SUBMISSIONS = KIT / "tests" / "submissions"
MAX_STUB_LINES = 40
# All that an exercise's folder may hold; anything else is a stray file, and not handed out.
KNOWN = KIT_FILES | KIT_FOLDERS | set(HANDED_IN) | {RUBRIC}
STEPS = 3
SEED = 1


def problems(chosen: Sequence[str]) -> list[str]:
    """Return what is wrong with these exercises' folders, a sentence each; nothing when all is well."""
    found = []
    for each in chosen:
        try:
            found += list(_problems(exercise.load(each, seed=SEED, folder=FOLDER)))
        except ExerciseError as error:
            found.append(str(error))
    return found


def remarks(chosen: Sequence[str]) -> list[str]:
    """Return what these exercises should have besides, a sentence each; in a hand-out nothing is missed."""
    return [
        f"Remark: tests/submissions/{each}/ holds no program with its expected.toml; write a wrong one for "
        "each mistake that the exercise teaches about."
        for each in chosen
        if SUBMISSIONS.is_dir() and not any(SUBMISSIONS.glob(f"{each}/*/expected.toml"))
    ]


def unmade(remarks: Iterable[str]) -> list[str]:
    """Return what is said in the place of remarks whose function failed; a student loses nothing by it."""
    return [said for said in remarks if said.startswith(UNMADE)]


def renew_stubs(chosen: Sequence[str]) -> list[str]:
    """Keep what `exercises/` has as what `reset` and a hand-out give; return the files that were written.

    Raises:
        ExerciseError: One of these exercises cannot be handed out as it is; then nothing is written.
    """
    loaded = [exercise.load(each, seed=SEED, folder=FOLDER) for each in chosen]
    unfit = [sentence for each in loaded for sentence in _about_the_stub(each)]
    if unfit:
        raise ExerciseError("\n".join(unfit), cure="No stub has been renewed.")
    written = [f"{each.id}/{name}" for each in loaded for name in _differing(each)]
    for each in written:
        _copy(FOLDER / each, STUBS / each)
    return [f"stubs/{each}" for each in written]


def _copy(source: Path, target: Path) -> None:
    """Copy a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copy2(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _problems(each: Exercise) -> Iterator[str]:
    yield from _about_the_stub(each)
    yield from _about_what_is_kept(each)
    yield from _about_the_text(each)
    for path in sorted(each.folder.iterdir()):
        if path.name not in KNOWN:
            yield f"{each.id}/{path.name} is a stray file: nothing reads it; remove it."
    if not (SOLUTIONS / each.id / PROGRAM).exists():
        yield f"solutions/{each.id}/{PROGRAM} is missing; write the model solution."


def _about_the_stub(each: Exercise) -> Iterator[str]:
    if not (each.folder / PROGRAM).exists():
        yield f"{each.id}/{PROGRAM} is missing; write the stub."
        return
    stub = (each.folder / PROGRAM).read_text(encoding="utf-8")
    if "TODO" not in stub:
        yield f"{each.id}/{PROGRAM} has no TODO; say there what the student writes."
    if len(stub.splitlines()) >= MAX_STUB_LINES:
        yield f"{each.id}/{PROGRAM} has {MAX_STUB_LINES} lines or more; hand out less."
    try:
        ast.parse(stub)
    except SyntaxError as error:
        yield f"{each.id}/{PROGRAM} is no Python: {error}."
    for name in HANDED_IN:
        stub_file, solution = each.folder / name, SOLUTIONS / each.id / name
        if stub_file.exists() and solution.exists() and _says(stub_file) == _says(solution):
            yield f"{each.id}/{name} is the model solution; hand out what the student starts from."
    yield from _about_the_answers(each)


def _says(path: Path) -> str | bytes:
    """Return what a file holds; of a program, not its comments: a TODO left in a solution is no stub."""
    content = path.read_bytes()
    try:
        return ast.dump(ast.parse(content)) if path.suffix == ".py" else content
    except SyntaxError:
        return content


def _about_the_answers(each: Exercise) -> Iterator[str]:
    path = each.folder / answers.FILE
    if not path.exists():
        return
    questions = answers.claims(each.folder / RUBRIC)
    try:
        given = answers.read_answers(path.read_bytes(), tuple(questions.values()))
    except Malformed as error:
        yield f"{each.id}/{answers.FILE} cannot be read: {error.seen}"
    else:
        for name in given:
            yield f'{each.id}/{answers.FILE} answers `{name}`; hand it out as `{name} = "?"`.'


def _about_what_is_kept(each: Exercise) -> Iterator[str]:
    renew = f"`make check-exercises EX={each.id} ARGS=--renew-stubs`"
    for name in _differing(each):
        if not (STUBS / each.id / name).exists():
            yield f"stubs/{each.id}/{name} is missing; run {renew}."
            continue
        yield (
            f"stubs/{each.id}/{name} is not the {name} of exercises/{each.id}. When that is right, run "
            f"{renew}; when the stub is right, run `make reset EX={each.id}`."
        )


def _differing(each: Exercise) -> list[str]:
    """Return the names of what is handed in that `exercises/` and `stubs/` do not have alike."""
    return [
        name
        for name in HANDED_IN
        if (path := each.folder / name).exists()
        and not ((kept := STUBS / each.id / name).exists() and path.read_bytes() == kept.read_bytes())
    ]


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
