"""Hints, opened step by step: a nudge, the concept, nearly there. They never cost points.

`hints.md` has one heading a check, `## ` and the check's title, and under it numbered paragraphs.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader import archive
from grader.errors import UsageError

HEADING = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)
STEP = re.compile(r"^\d+\. +", re.MULTILINE)


def read(path: Path) -> Mapping[str, Sequence[str]]:
    """Return the steps by the check's title, in the file's order."""
    parts = HEADING.split(path.read_text(encoding="utf-8"))[1:]
    return {
        title: tuple(step.strip() for step in STEP.split(text)[1:])
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


def next_hint(path: Path, title: str, opened: Path) -> str:
    """Return the next step for a check and remember that it has been opened.

    Args:
        opened: A file of this student's, with how many steps of each check are open.

    Raises:
        UsageError: There is no hint for the check.
    """
    steps = read(path).get(title, ())
    if not steps:
        raise UsageError(f"{path.parent.name}/hints.md has no hint for “{title}”.")
    known: dict[str, int] = json.loads(opened.read_text()) if opened.exists() else {}
    key = f"{path.parent.name}/{title}"
    count = min(known.get(key, 0) + 1, len(steps))
    archive.write(opened, json.dumps({**known, key: count}))
    more = "" if count == len(steps) else " Ask again for the next."
    return f"{title}\nHint {count} of {len(steps)}: {steps[count - 1]}{more and chr(10) + more.strip()}"
