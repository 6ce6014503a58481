"""The records of one topic as an SVG: a lane a partition, along the offsets.

Neutral marks are grey bars. What is marked differs by shape as well as by colour: a dot for the selected
key, a triangle for strays, a diamond for breaks of order. Colours come from the page's style sheet.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from grader.model import Record
from grader.report.marks import Mark, MarkKind, marks, partitions_of, scattered
from grader.report.text import count, listed, one_line, shortened, trimmed

LABEL_WIDTH, PLOT_WIDTH, COUNT_WIDTH = 84, 540, 136
LANE_HEIGHT, AXIS_HEIGHT, TOP = 26, 30, 4
WIDEST_STEP = 160.0  # pixels an offset
CARD_STEP = 60.0  # from here on a mark has room for a key
SINGLE_STEP = 4.5  # below this, offsets share a bin
BINS = 108
SHAPE_SPACING = 18.0
TOOLTIPS = 300  # beyond this many marked records, the table has to serve
CHARACTER_WIDTH = 6.7  # of the 11-pixel monospace in which keys are set

ORDER: tuple[MarkKind, ...] = ("selected", "other_stray", "stray", "disorder")
SAID: Mapping[MarkKind, str] = {
    "selected": "the selected key",
    "stray": "the selected key, off its partition",
    "other_stray": "another key, off its partition",
    "disorder": "stored after a later record of its key",
}


@dataclass(frozen=True)
class Lanes:
    """The records of one topic, and the scale on which they are drawn."""

    records: Sequence[Record]
    partitions: int
    marked: Mapping[str, Mark]

    @cached_property
    def by_partition(self) -> Mapping[int, Sequence[Record]]:
        """Return the records of each partition, of the empty ones too."""
        lanes: dict[int, list[Record]] = {number: [] for number in range(self.partitions)}
        for record in self.records:
            lanes.setdefault(record.partition, []).append(record)
        return dict(sorted(lanes.items()))

    @cached_property
    def first(self) -> int:
        """Return the lowest offset."""
        return min((record.offset for record in self.records), default=0)

    @cached_property
    def span(self) -> int:
        """Return how many offsets the axis covers."""
        return max((record.offset for record in self.records), default=0) - self.first + 1

    @cached_property
    def bin_size(self) -> int:
        """Return how many offsets share a mark."""
        return 1 if PLOT_WIDTH / self.span >= SINGLE_STEP else -(-self.span // BINS)

    @cached_property
    def step(self) -> float:
        """Return the width of one mark with its margin."""
        return min(WIDEST_STEP, PLOT_WIDTH / -(-self.span // self.bin_size))

    def x(self, offset: int) -> float:
        """Return where the mark of an offset begins."""
        return LABEL_WIDTH + (offset - self.first) // self.bin_size * self.step


def picture(
    records: Sequence[Record], *, topic: str, partitions: int, marked: Mapping[str, Mark] | None = None
) -> Markup:
    """Return the records of one topic as an SVG element.

    Args:
        records: By partition and offset.
        partitions: How many the topic has; the empty ones are drawn, too.
        marked: By the place of the record; by default what keys alone give.
    """
    lanes = Lanes(records, partitions, marks(records) if marked is None else marked)
    height = TOP + LANE_HEIGHT * len(lanes.by_partition) + AXIS_HEIGHT
    width = LABEL_WIDTH + PLOT_WIDTH + COUNT_WIDTH
    name = f"Records of {topic} by partition"
    drawn = Markup().join(
        _lane(lanes, number, held, TOP + LANE_HEIGHT * row)
        for row, (number, held) in enumerate(lanes.by_partition.items())
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="lanes" role="img"'
        ' width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
        "<title>{name}</title><desc>{said}</desc>{drawn}{axis}</svg>"
    ).format(
        w=width,
        h=height,
        name=one_line(name),
        said=description(lanes),
        drawn=drawn,
        axis=_axis(lanes, height - AXIS_HEIGHT),
    )


def description(lanes: Lanes) -> str:
    """Return what the picture shows, for those who do not see it."""
    used = sum(1 for held in lanes.by_partition.values() if held)
    told = f"{count(len(lanes.records), 'record')} on {used} of {count(lanes.partitions, 'partition')}."
    counts = partitions_of(lanes.records)
    broken = scattered(counts)
    if broken:
        where = listed([str(number) for number in sorted(counts[broken[0]])])
        told += f" Key “{trimmed(broken[0], 40)}” is on partitions {where}"
        told += f"; {count(len(broken), 'key')} in all {'is' if len(broken) == 1 else 'are'} on several."
    disorder = sum(1 for mark in lanes.marked.values() if mark.kind == "disorder")
    if disorder:
        told += f" {count(disorder, 'record')} stored after a later one of the same key."
    return told


def _lane(lanes: Lanes, number: int, held: Sequence[Record], top: float) -> Markup:
    middle = top + LANE_HEIGHT / 2
    kinds = Counter(mark.kind for record in held if (mark := lanes.marked.get(record.place)))
    draw = _cards if lanes.step >= CARD_STEP else _dots if lanes.bin_size == 1 else _bins
    return Markup(
        '<text class="lane" x="0" y="{base}">partition {number}</text>'
        '<path class="track" d="M{left} {middle}h{plot}"/>{marks}{count}'
    ).format(
        base=f"{middle + 4:g}",
        number=number,
        left=LABEL_WIDTH,
        middle=f"{middle:g}",
        plot=PLOT_WIDTH,
        marks=draw(lanes, held, middle),
        count=_count(len(held), kinds, middle),
    )


def _count(number: int, kinds: Mapping[MarkKind, int], middle: float) -> Markup:
    """Return the figures at the end of a lane: its records, then the marked ones behind their shapes."""
    x = LABEL_WIDTH + PLOT_WIDTH + 10.0
    parts = [
        Markup('<text class="count" x="{x}" y="{y}">{n}</text>').format(x=x, y=middle + 4, n=f"{number:,}")
    ]
    x += 8 + 7 * len(f"{number:,}")
    for kind in ORDER:
        if kinds.get(kind):
            figure = f"{kinds[kind]:,}"
            parts.append(shape(kind, x + 5, middle))
            parts.append(
                Markup('<text class="count {kind}" x="{x}" y="{y}">{n}</text>').format(
                    kind=kind, x=x + 13, y=middle + 4, n=figure
                )
            )
            x += 20 + 7 * len(figure)
    return Markup().join(parts)


def shape(kind: MarkKind, x: float, y: float, title: str = "") -> Markup:
    """Return the shape of a kind of mark around a point."""
    told = Markup("<title>{}</title>").format(title) if title else Markup()
    return Markup('<path class="mark {}" d="{}">{}</path>').format(kind, _outline(kind, x, y), told)


def _outline(kind: MarkKind, x: float, y: float) -> str:
    match kind:
        case "selected":
            return f"M{x - 4.5:g} {y:g}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0"
        case "disorder":
            return f"M{x:g} {y - 6:g}l6 6l-6 6l-6 -6z"
        case "stray" | "other_stray":
            return f"M{x:g} {y - 6:g}l6 10.5h-12z"


def _cards(lanes: Lanes, held: Sequence[Record], middle: float) -> Markup:
    """Return a lane of few records: each a card with its key, or its value where it has none."""
    return Markup().join(_card(lanes, record, middle) for record in held)


def _card(lanes: Lanes, record: Record, middle: float) -> Markup:
    mark = lanes.marked.get(record.place)
    x, width = lanes.x(record.offset), lanes.step - 4
    inset = 18 if mark else 8
    shown = trimmed(record.key if record.key is not None else record.value or b"")
    label = shortened(shown, int((width - inset - 6) / CHARACTER_WIDTH))
    return Markup(
        '<g><title>{said}</title><rect class="card {kind}" x="{x}" y="{y}" width="{w}" height="20" rx="4"/>'
        '{shape}<text class="{klass}" x="{tx}" y="{ty}">{label}</text></g>'
    ).format(
        said=_said(record, mark),
        kind=mark.kind if mark else "",
        x=f"{x:.1f}",
        y=f"{middle - 10:g}",
        w=f"{width:.1f}",
        shape=shape(mark.kind, x + 10, middle) if mark else "",
        klass="key" if record.key is not None else "value",
        tx=f"{x + inset:.1f}",
        ty=f"{middle + 4:g}",
        label=label,
    )


def _said(record: Record, mark: Mark | None) -> str:
    key = "no key" if record.key is None else f"key {trimmed(record.key)}"
    return f"{one_line(record.place)}, {key}" + (f": {SAID[mark.kind]}" if mark else "")


def _dots(lanes: Lanes, held: Sequence[Record], middle: float) -> Markup:
    """Return a lane of single marks: the neutral ones as one path, so that a page stays small."""
    width = max(1.5, min(8.0, lanes.step * 0.62))
    left = (lanes.step - width) / 2
    neutral = "".join(
        f"M{lanes.x(record.offset) + left:.1f} {middle - 6:g}h{width:.1f}v12h-{width:.1f}z"
        for record in held
        if record.place not in lanes.marked
    )
    told = len(lanes.marked) <= TOOLTIPS
    return _path(neutral) + Markup().join(
        shape(
            mark.kind,
            round(lanes.x(record.offset) + lanes.step / 2, 1),
            middle,
            _said(record, mark) if told else "",
        )
        for record, mark in _in_order(lanes, held)
    )


def _in_order(lanes: Lanes, held: Sequence[Record]) -> Iterator[tuple[Record, Mark]]:
    """Yield the marked records of a lane, the weightiest last, so that nothing covers them."""
    found = [(record, lanes.marked[record.place]) for record in held if record.place in lanes.marked]
    yield from sorted(found, key=lambda pair: ORDER.index(pair[1].kind))


def _bins(lanes: Lanes, held: Sequence[Record], middle: float) -> Markup:
    """Return a lane of bins: bars as high as each is full, over them shapes, far enough apart to be told."""
    full = Counter(lanes.x(record.offset) for record in held)
    bars = "".join(
        f"M{x:.1f} {middle + 8:g}v-{16 * number / lanes.bin_size:.1f}h{lanes.step - 1:.1f}V{middle + 8:g}z"
        for x, number in full.items()
    )
    weightiest: dict[int, MarkKind] = {}
    for record, mark in _in_order(lanes, held):
        weightiest[int((lanes.x(record.offset) - LABEL_WIDTH) / SHAPE_SPACING)] = mark.kind
    outlines: dict[MarkKind, str] = defaultdict(str)
    for cell, kind in sorted(weightiest.items()):
        outlines[kind] += _outline(kind, LABEL_WIDTH + (cell + 0.5) * SHAPE_SPACING, middle)
    drawn = [Markup('<path class="mark {}" d="{}"/>').format(kind, outlines[kind]) for kind in outlines]
    return _path(bars) + Markup().join(drawn)


def _path(outline: str) -> Markup:
    return Markup('<path class="neutral" d="{}"/>').format(outline) if outline else Markup()


def _axis(lanes: Lanes, top: float) -> Markup:
    """Return the offsets under the lanes: round numbers, at most nine."""
    every = next(
        size
        for power in range(19)
        for size in (10**power, 2 * 10**power, 5 * 10**power)
        if lanes.span / size <= 8
    )
    begin = -(-lanes.first // every) * every
    ticks = [
        Markup(
            '<path class="tick" d="M{x} {y}v4"/><text class="axis" x="{x}" y="{t}">{offset}</text>'
        ).format(
            x=f"{lanes.x(offset) + lanes.step / 2:.1f}",
            y=f"{top + 2:g}",
            t=f"{top + 18:g}",
            offset=f"{offset:,}",
        )
        for offset in range(begin, lanes.first + lanes.span, every)
    ]
    name = Markup('<text class="axis name" x="{}" y="{}">offset</text>').format(0, f"{top + 18:g}")
    shared = (
        Markup('<text class="count" x="{}" y="{}">{} a bar</text>').format(
            LABEL_WIDTH + PLOT_WIDTH + 10, f"{top + 18:g}", count(lanes.bin_size, "offset")
        )
        if lanes.bin_size > 1
        else Markup()
    )
    return name + Markup().join(ticks) + shared
