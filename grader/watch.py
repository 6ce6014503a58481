"""Grade again whenever a file is saved: which exercises were touched, and rounds that no mishap ends."""

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from watchfiles import Change, DefaultFilter
from watchfiles import watch as watch_files

from grader.errors import GraderError
from grader.submission import KIT_FILES, KIT_FOLDERS

# Editors that save by a rename, and formatters that run on a save, touch a file several times.
SETTLED_MS = 100
LONGEST_MS = 1_000
# How soon the first look is over; what is saved from then on is seen.
LOOK_MS = 200
NOT_THEIRS = KIT_FILES | KIT_FOLDERS

Grade = Callable[[Sequence[str]], None]


def watch(
    saved: Iterator[Sequence[str]],
    first: Sequence[str],
    gradings: Callable[[], AbstractContextManager[Grade]],
    say: Callable[[str], None],
) -> None:
    """Grade what is saved, round by round; only an interrupt ends it.

    What cannot be graded is said, and the next save is tried with new brokers: the old may be what failed.

    Args:
        saved: The exercises of each save, such as `saves` gives them.
        first: What is graded before anything has been saved.
        gradings: Holds a broker warm for as long as it is entered.
    """
    wanted = first
    while True:
        try:
            with gradings() as grade:
                for each in itertools.chain([wanted] if wanted else [], saved):
                    grade(each)
        except (GraderError, OSError) as error:
            say(f"{error}\nThis is the machine's or the grader's, not yours. The next save is graded again.")
        wanted = next(saved)


def saves(folder: Path, exercises: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield the exercises of a submission of which files were saved, in their order.

    Saves that come while nobody asks are kept, and handed out together.

    Args:
        folder: Holds one folder an exercise.
        exercises: Ids of those that are looked at.
    """
    root = folder.resolve()
    tidy = DefaultFilter()

    def counts(change: Change, path: str) -> bool:
        _, *inside = Path(path).relative_to(root).parts or ("",)
        return (
            bool(inside) and inside[0] not in NOT_THEIRS and inside[0][0] not in ".#" and tidy(change, path)
        )

    changes = watch_files(
        root,
        watch_filter=counts,
        step=SETTLED_MS,
        debounce=LONGEST_MS,
        rust_timeout=LOOK_MS,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    return _by_exercise(root, exercises, itertools.chain([next(changes)], changes))


def _by_exercise(
    root: Path, exercises: Collection[str], changes: Iterator[set[tuple[Change, str]]]
) -> Iterator[Sequence[str]]:
    for each in changes:
        touched = {Path(path).relative_to(root).parts[0] for _, path in each}
        if found := sorted(touched & set(exercises)):
            yield found
