"""What a lab gives: a table, a plot, one sentence."""

import re
from dataclasses import dataclass

NUMBER = re.compile(r"[\d.,]+(%| s| ms| of \d+)?")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def is_numeric(self, column: int) -> bool:
        """Whether every cell of a column is a number, with a unit or a whole perhaps, or empty."""
        cells = [row[column] for row in self.rows if row[column]]
        return bool(cells) and all(NUMBER.fullmatch(cell) for cell in cells)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one run of a lab has shown.

    Attributes:
        sentence: What the figures say, made from them.
        plot: The figures as an SVG element.
        notes: How to read the table: conditions, and what was left out for which reason.
    """

    table: Table
    plot: str
    sentence: str
    notes: tuple[str, ...] = ()
