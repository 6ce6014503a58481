"""Drawn data for exercises: ids and texts that trip what is careless, and files of JSON lines."""

import json
import string
from collections.abc import Iterable, Mapping, Sequence

from grader.rubric import Draw

# Of each row some are taken, so that int(), lower(), strip() or a narrow encoding makes two ids one or
# loses letters, and so that JSON, Python and a split at commas or quotation marks are led astray.
ROWS_OF_IDS = (
    ("0042", "42", "042"),
    ("Mara", "mara", "MARA"),
    ("van der Berg", "vanderberg", "van  der  Berg"),
    ("null", "None", "1e3", "-7"),
    ("佐藤 花子", "Ольга", "عمر", "Ελένη", "ณัฐ"),
    ("🦊-17", "👩‍🚀", "Zoë", "Zoe\u0308"),
    ("O'Hara", 'Bo "Ace"', "a,b;c", "x=1&y=2", "back\\slash"),
)
TEXTS = (
    "gift",
    "ring twice",
    "спасибо",
    "🎁 für Zoë",
    "",
    'the "big" one',
    "お茶",
    "line\u0085two",
    "a\u2028b",
)
# Line breaks to str.splitlines(), none to JSON lines: they stand in a file as escapes.
BREAKS = {ord(each): f"\\u{ord(each):04x}" for each in "\u0085\u2028\u2029"}
ESCAPING, PLAIN = json.JSONEncoder(), json.JSONEncoder(ensure_ascii=False)
# So many of the lines have their fields in another order, or letters beyond ASCII escaped.
OTHERWISE = 0.3


def ids(draw: Draw, prefix: str, *, awkward: int = 2, plain: int = 12) -> list[str]:
    """Return ids in a drawn order: `awkward` of each awkward row, and `plain` ones such as `c-017`."""
    rows = [each for row in ROWS_OF_IDS for each in draw.sample(row, awkward)]
    numbered = [f"{prefix}-{number:03}" for number in draw.sample(range(1000), plain)]
    return draw.sample(rows + numbered, len(rows) + len(numbered))


def unique(draw: Draw, prefix: str, count: int) -> list[str]:
    """Return ids of records: no two are equal, none tells when it was made."""
    return [f"{prefix}-{number:06x}" for number in draw.sample(range(0x1000000), count)]


def text(draw: Draw) -> str | None:
    """Return a text in any script, an empty one, or null."""
    return draw.choice((None, None, *TEXTS, "".join(draw.choices(string.ascii_letters, k=8))))


def json_lines(draw: Draw, entries: Iterable[Mapping[str, object]]) -> bytes:
    """Return a file: UTF-8, an object a line, a final newline; how JSON is written varies as it may."""
    return "".join(f"{_line(draw, list(entry.items()))}\n" for entry in entries).encode()


def _line(draw: Draw, fields: Sequence[tuple[str, object]]) -> str:
    order = draw.sample(fields, len(fields)) if draw.random() < OTHERWISE else fields
    encoder = ESCAPING if draw.random() < OTHERWISE else PLAIN
    return encoder.encode(dict(order)).translate(BREAKS)
