"""A finding as text for the terminal."""

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from grader.labs.finding import Finding, Table
from grader.report.lines import PLAIN

INDENT = "  "
WIDEST = 120
NARROWEST_COLUMN = 10


def text(finding: Finding) -> str:
    """Return table, sentence and notes, as wide as the terminal at most."""
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    parts = [*table(finding.table, width), ""]
    parts += _wrapped(finding.sentence, width, "=> ")
    for note in finding.notes:
        parts += _wrapped(note, width, "   ")
    return "\n".join(parts)


def table(shown: Table, width: int) -> Iterator[str]:
    """Yield the lines of a table; cells of the widest columns are wrapped until it fits."""
    rows = [[cell.translate(PLAIN) for cell in row] for row in (shown.columns, *shown.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    while sum(widths) + len(INDENT) * len(widths) > width and max(widths) > NARROWEST_COLUMN:
        widths[widths.index(max(widths))] -= 1
    numeric = [shown.is_numeric(number) for number in range(len(widths))]
    for row in (rows[0], ["-" * each for each in widths], *rows[1:]):
        cells = [textwrap.wrap(cell, each) or [""] for cell, each in zip(row, widths, strict=True)]
        for line in zip_longest(*cells, fillvalue=""):
            yield (INDENT + INDENT.join(_padded(line, widths, numeric))).rstrip()


def _padded(line: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> Iterator[str]:
    for cell, width, right in zip(line, widths, numeric, strict=True):
        yield cell.rjust(width) if right else cell.ljust(width)


def _wrapped(sentence: str, width: int, mark: str) -> list[str]:
    return textwrap.wrap(
        sentence.translate(PLAIN),
        width,
        initial_indent=INDENT + mark,
        subsequent_indent=INDENT + " " * len(mark),
        break_on_hyphens=False,
    )
