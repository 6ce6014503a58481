"""Find and load exercise folders; refuse malformed ones. There is no list of exercises to edit."""

import contextlib
import difflib
import importlib.util
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from grader import rubric
from grader.errors import ExerciseError, UsageError
from grader.rubric import Rubric

KIT = Path(__file__).resolve().parent.parent
FOLDER = KIT / "exercises"
STUBS = KIT / "stubs"
SOLUTIONS = KIT / "solutions"
EXPLANATION, RUBRIC = "explanation.md", "rubric.toml"


@dataclass(frozen=True)
class Exercise:
    """One exercise folder, loaded with one seed.

    Attributes:
        id: The folder's name, such as `01_hello_kafka`; its number is the order.
        title: The heading of its README.
        stub: The `producer.py` that is handed out.
    """

    id: str
    title: str
    folder: Path
    stub: bytes
    rubric: Rubric


def ids(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the ids of all exercises, in their order."""
    return tuple(sorted(each.parent.name for each in folder.glob("[0-9][0-9]_*/checks.py")))


def choose(wanted: Sequence[str], folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the ids that these words name: whole ids, numbers (1 is 01) or beginnings; all for no word.

    Raises:
        UsageError: A word names no exercise, or several; the nearest is named.
    """
    known = ids(folder)
    chosen = {_choose(word.rstrip("/").rsplit("/", 1)[-1], known) for word in wanted}
    return tuple(each for each in known if each in chosen or not wanted)


def _choose(word: str, known: Sequence[str]) -> str:
    found = [each for each in known if word == each or word.zfill(2) == each[:2]]
    found = found or [each for each in known if each.startswith(word)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"“{word}” may be any of {', '.join(found)}; write more of the one you mean.")
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.3)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(f"There is no exercise “{word}”.{hint}", cure=f"The exercises are: {', '.join(known)}.")


def load(exercise: str, *, seed: int, folder: Path = FOLDER) -> Exercise:
    """Load one exercise and draw its data.

    Raises:
        ExerciseError: A file is missing or malformed; the message names it and the mend.
    """
    home = folder / exercise
    readme = _text(home / "README.md", "lesson, task and a table of the checks")
    headings = [line for line in readme.splitlines() if line.startswith("# ")]
    if not headings:
        raise ExerciseError(f"{exercise}/README.md has no heading; its first line `# …` is the title.")
    module = checks_module(home / "checks.py")
    with _loading(home):
        read = rubric.read(module, seed=seed, exercise=exercise)
    return Exercise(
        id=exercise,
        title=headings[0].removeprefix("# ").strip(),
        folder=home,
        stub=_stub(exercise, home),
        rubric=read,
    )


def _stub(exercise: str, home: Path) -> bytes:
    kept = STUBS / exercise / "producer.py"
    if home.parent == FOLDER and kept.exists():
        return kept.read_bytes()
    if not (home / "producer.py").exists():
        raise ExerciseError(f"{exercise}/producer.py is missing; write the stub.")
    return (home / "producer.py").read_bytes()


def checks_module(path: Path) -> ModuleType:
    """Import a `checks.py` by its path, under a name of its own."""
    name = f"checks_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.exists():
        raise ExerciseError(f"{path.parent.name} has no checks.py; it holds the rubric as code.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with _loading(path.parent):
        spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _loading(home: Path) -> Iterator[None]:
    try:
        yield
    except ExerciseError:
        raise
    except Exception as error:
        where = place(error, home) or f"{home.name}/checks.py"
        raise ExerciseError(f"{where} cannot be loaded: {type(error).__name__}: {error}") from error


def place(error: BaseException, home: Path) -> str:
    """Return the innermost line of an exercise's folder that led to an error: `10_letters/checks.py line 23`.

    It is what an author can mend; nothing is returned where no line of the folder is concerned.
    """
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(home):
            return f"{home.name}/{Path(frame.filename).relative_to(home)} line {frame.lineno}"
    return ""


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        where = f"{path.parent.name}/{path.name}"
        raise ExerciseError(f"{where} cannot be read ({error}); it holds {what}.") from error
