"""The exercise that CONTRIBUTING.md shows to authors, read from there: what is shown is what is tested."""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

from grader.exercise import KIT

NAME = "10_greetings"
# A step begins with a file's path; after the paragraph, the file stands indented.
STEP = re.compile(r"^\d+\. `([^`]+)`[^\n]*\n(?: {3}\S[^\n]*\n)*\n((?: {7}[^\n]*\n|\n)+)", re.MULTILINE)


def files() -> Mapping[str, str]:
    """Return the files of the example, by their paths in the kit."""
    page = (KIT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return {path: textwrap.dedent(block).strip("\n") + "\n" for path, block in STEP.findall(page)}


def write(kit: Path) -> None:
    """Write the files of the example into a kit."""
    for name, content in files().items():
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        (kit / name).write_text(content, encoding="utf-8")
