"""The page of all figures, `results.md`, and its plot, `results.svg`."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import grading, set_up, start
from benchmarks.rounds import Measured
from grader.labs.plot import Bar, bars
from grader.labs.spread import Spread

FOLDER = Path(__file__).parent
PLOT = "results.svg"
FEWEST = 7
STYLE = """<style>
svg { --ink: #1f2328; --muted: #59636e; --neutral: #8c959f; --selected: #0969da; background: #fff }
@media (prefers-color-scheme: dark) {
  svg { --ink: #f0f6fc; --muted: #9198a1; --neutral: #656c76; --selected: #4493f8; background: #0d1117 }
}
text { fill: var(--ink); font: 13px system-ui, sans-serif; dominant-baseline: central }
.title { font-weight: 600 } .name { text-anchor: end } .value { fill: var(--muted); font-size: 12px }
.box { fill: var(--neutral) } .chosen { fill: var(--selected) }
.range { stroke: var(--ink); stroke-width: 1.5 }
</style>"""


@dataclass(frozen=True)
class Row:
    """One figure on the page.

    Attributes:
        beside: The figure that it is held against, in the same rounds.
        aim: What must hold, where something must.
    """

    figure: str
    beside: str = ""
    aim: str = ""
    unit: str = "s"


@dataclass(frozen=True)
class Part:
    """One table of the page."""

    title: str
    group: str
    says: str
    rows: tuple[Row, ...]


def _memory(figure: str, aim: str = "") -> Row:
    return Row(figure, aim=aim, unit="MB")


PARTS = (
    Part(
        "From an empty folder to the first acknowledged record",
        start.GROUP,
        "A topic is made and one record sent with `acks=all`; the clock starts before the folder is made and "
        "stops when the record is acknowledged. The floor is a Java that says its version and ends.",
        (
            Row(start.JAVA),
            Row(start.PLAIN, start.JAVA),
            Row(start.TIER, start.PLAIN),
            Row(start.AOT, start.PLAIN, "ratio at most 0.35"),
            Row(start.CONTAINER, start.PLAIN),
            Row(start.QUICKSTART, start.PLAIN),
            Row(start.AOT, start.QUICKSTART, "ratio at most 0.35"),
            Row(start.AOT, start.CONTAINER),
            Row(start.THREE_PLAIN, start.PLAIN),
            Row(start.THREE_AOT, start.AOT),
            _memory(start.PLAIN + start.RESIDENT),
            _memory(start.AOT + start.RESIDENT, "at most 350"),
            _memory(start.THREE_AOT + start.RESIDENT),
        ),
    ),
    Part(
        "The set-up",
        set_up.GROUP,
        "`make grade` on an untouched stub in a fresh clone, which needs no broker: `.venv`, the Python "
        "packages, Kafka's jars and the AOT cache. The floor is what the downloads took, in whole seconds.",
        (
            Row(set_up.DOWNLOADS),
            Row(set_up.COLD, set_up.DOWNLOADS, "60 s where the downloads take 20"),
            Row(set_up.KEPT, set_up.COLD),
            Row(set_up.AGAIN, set_up.COLD),
        ),
    ),
    Part(
        "One exercise",
        grading.ONE,
        f"`grade {grading.EXERCISE}` of the model solution: two runs, one of them stalled for 4 to 5 s on "
        "purpose. The floor is what the programs took; a spare broker is one that `broker start` keeps warm.",
        (
            Row(start.AOT),
            Row(grading.PROGRAMS),
            Row(grading.WHOLE, grading.PROGRAMS),
            Row(grading.BEYOND, start.AOT, "below 0.5 s"),
            Row(grading.BESIDE, start.AOT, "ratio at most 3"),
            Row(grading.WHOLE + grading.WARM, grading.PROGRAMS + grading.WARM),
            Row(grading.BESIDE + grading.WARM, start.AOT, "ratio at most 3"),
            _memory(grading.GRADER, "at most 150"),
            _memory(grading.BROKERS, "at most 350 each, of two"),
            _memory(grading.PEAK),
        ),
    ),
    Part(
        "All exercises",
        grading.ALL,
        "`grade` of all model solutions. The floor is what the programs took one after the other; several "
        "brokers side by side overlap their waiting. Memory that processes share counts once for each.",
        (
            Row(grading.PROGRAMS),
            Row(grading.WHOLE, grading.PROGRAMS),
            _memory(grading.GRADER),
            _memory(grading.BROKERS),
            _memory(grading.PEAK),
        ),
    ),
)


def write(measured: Measured) -> None:
    """Write page and plot."""
    (FOLDER / "results.md").write_text("\n".join(_lines(measured)) + "\n", encoding="utf-8")
    (FOLDER / PLOT).write_text(_plot(measured), encoding="utf-8")


def _lines(measured: Measured) -> Iterator[str]:
    yield "# What the kit takes\n"
    yield (
        "Written by `make bench`. All that is compared in a table ran in turns, once a round; a ratio is the "
        "median of the rounds' ratios, so that what slows a whole round falls out of it.\n"
    )
    yield "Measured with " + ", ".join(f"{name} {value}" for name, value in _versions(measured)) + ".\n"
    yield f"![Seconds to the first acknowledged record]({PLOT})"
    for part in PARTS:
        if measured.rounds.get(part.group):
            yield from _part(measured, part)


def _versions(measured: Measured) -> list[tuple[str, str]]:
    known = dict(measured.machine)
    return [("cores:", known.pop("cores")), ("memory:", known.pop("memory")), *known.items()]


def _part(measured: Measured, part: Part) -> Iterator[str]:
    loads = measured.values(part.group, "load of the machine before")
    yield f"\n## {part.title}\n"
    yield part.says + "\n"
    yield (
        f"{len(loads)} rounds; the machine's load before a round was {min(loads):.1f} to {max(loads):.1f}"
        f"{'' if len(loads) >= FEWEST else f', fewer rounds than the {FEWEST} that a median needs here'}.\n"
    )
    yield "| | median | from – to | beside | ratio | must hold |"
    yield "|---|---:|---:|---|---:|---|"
    for row in part.rows:
        if values := measured.values(part.group, row.figure):
            yield _row(measured, part.group, row, values)
    yield from (f"\n{note}" for note in measured.notes.get(part.group, ()))


def _row(measured: Measured, group: str, row: Row, values: list[float]) -> str:
    places = 0 if row.unit == "MB" else 2
    middle, low, high = (
        f"{each:.{places}f}" for each in (statistics.median(values), min(values), max(values))
    )
    ratio = measured.ratio(group, row.figure, row.beside) if row.beside else None
    shown = "" if ratio is None else f"{ratio:.2f}"
    return f"| {row.figure} | {middle} {row.unit} | {low} – {high} | {row.beside} | {shown} | {row.aim} |"


def _plot(measured: Measured) -> str:
    names = (
        start.PLAIN,
        start.TIER,
        start.AOT,
        start.CONTAINER,
        start.QUICKSTART,
        start.THREE_PLAIN,
        start.THREE_AOT,
    )
    spreads = {name: Spread.of(found) for name in names if (found := measured.values(start.GROUP, name))}
    rows = [
        Bar(name, spread, f"{spread.median:.2f} s", mark=name in {start.AOT, start.THREE_AOT})
        for name, spread in spreads.items()
    ]
    drawn = bars(
        "Empty folder → first acknowledged record: median, and where it lies in 95 of 100 cases", rows
    )
    return drawn.replace("<title>", STYLE + "<title>", 1).replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
    )
