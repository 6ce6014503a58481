"""The three plots of the labs, as SVG that takes its colours from the page around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from grader.labs.spread import Spread

WIDTH = 760
LABELS = 290
# Room for the figure behind the longest bar.
FIGURES = 110
ROW = 30
HEAD = 34
RADIUS = 12
# Of the 13-pixel text, on average.
CHARACTER = 6.6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a value, or the median of several with its interval as a whisker.

    Attributes:
        text: The value as it is written beside the bar.
        mark: Whether it is the one that the lab is about.
    """

    label: str
    value: float | Spread
    text: str
    mark: bool = False


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Draw horizontal bars from zero, on one linear scale."""
    picture = _picture(title, len(rows) * ROW)
    ends = [row.value.high if isinstance(row.value, Spread) else row.value for row in rows]
    scale = (WIDTH - LABELS - FIGURES) / (max(ends, default=0) or 1)
    for number, row in enumerate(rows):
        top = HEAD + number * ROW
        spread = row.value if isinstance(row.value, Spread) else None
        value = spread.median if spread else float(ends[number])
        _label(picture, row.label, top + ROW / 2)
        _draw(
            picture,
            "rect",
            {"class": "box chosen" if row.mark else "box", "x": LABELS, "y": top + 6, "rx": 2},
            width=max(value * scale, 1),
            height=ROW - 12,
        )
        if spread:
            _whisker(picture, LABELS + spread.low * scale, LABELS + spread.high * scale, top + ROW / 2)
        _text(picture, row.text, LABELS + ends[number] * scale + 8, top + ROW / 2, "value")
    return _written(picture)


def grid(title: str, rows: Mapping[str, Sequence[int]], columns: Sequence[str]) -> str:
    """Draw a dot for each row and column, its area the share of the row's sum, with the number in it."""
    picture = _picture(title, (len(rows) + 1) * ROW)
    step = (WIDTH - LABELS) / len(columns)
    for place, column in enumerate(columns):
        _text(picture, column, LABELS + (place + 0.5) * step, HEAD + ROW / 2, "head")
    for number, (label, counts) in enumerate(rows.items(), 1):
        middle = HEAD + (number + 0.5) * ROW
        _label(picture, label, middle)
        for place, count in enumerate(counts):
            left = LABELS + (place + 0.5) * step
            radius = max(1, RADIUS * (count / (sum(counts) or 1)) ** 0.5)
            style = {"class": "dot" if count else "empty"}
            _draw(picture, "circle", style, cx=left, cy=middle, r=radius)
            if count:
                _text(picture, str(count), left + RADIUS + 3, middle, "value")
    return _written(picture)


def flows(title: str, ways: Mapping[tuple[int, int], int], left: Sequence[str], right: Sequence[str]) -> str:
    """Draw how many go from each place on the left to each on the right; marked where the place changes."""
    height = max(len(left), len(right)) * ROW
    picture = _picture(title, height)
    from_y, to_y = (_middles(len(side), height) for side in (left, right))
    start, end = LABELS, WIDTH - FIGURES - 80
    for (one, other), count in sorted(ways.items()):
        style = {"class": "way chosen" if one != other else "way", "stroke-width": 1 + count}
        _draw(picture, "line", style, x1=start, x2=end, y1=from_y[one], y2=to_y[other])
    for name, y in zip(left, from_y, strict=True):
        _label(picture, name, y)
    for number, (name, y) in enumerate(zip(right, to_y, strict=True)):
        came = sum(count for (_, other), count in ways.items() if other == number)
        _text(picture, f"{name}: {came}", end + 14, y, "value")
    return _written(picture)


def _middles(count: int, height: float) -> list[float]:
    return [HEAD + (number + 0.5) * height / count for number in range(count)]


def _picture(title: str, height: float) -> ET.Element:
    whole = HEAD + height + 8
    attributes = {"class": "plot", "role": "img", "viewBox": f"0 0 {WIDTH} {whole:g}", "aria-label": title}
    picture = ET.Element("svg", attributes)
    ET.SubElement(picture, "title").text = title
    _text(picture, title, 0, 14, "title")
    return picture


def _draw(picture: ET.Element, shape: str, style: Mapping[str, str | float], **geometry: float) -> ET.Element:
    attributes = {**style, **geometry}
    return ET.SubElement(
        picture,
        shape,
        {name: each if isinstance(each, str) else f"{each:.5g}" for name, each in attributes.items()},
    )


def _text(picture: ET.Element, text: str, x: float, y: float, kind: str) -> None:
    _draw(picture, "text", {"class": kind}, x=x, y=y).text = text


def _label(picture: ET.Element, text: str, y: float) -> None:
    most = int(LABELS / CHARACTER)
    _text(picture, text if len(text) <= most else f"{text[: most - 1]}…", LABELS - 12, y, "name")


def _whisker(picture: ET.Element, low: float, high: float, y: float) -> None:
    _draw(picture, "line", {"class": "range"}, x1=low, x2=high, y1=y, y2=y)
    for end in (low, high):
        _draw(picture, "line", {"class": "range"}, x1=end, x2=end, y1=y - 4, y2=y + 4)


def _written(picture: ET.Element) -> str:
    return ET.tostring(picture, encoding="unicode")
