"""Drawn data for exercises: ids and texts that trip what is careless, and files of JSON lines."""

import json
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from grader.rubric import Draw

NAMES = ("Mara", "Jonas", "Edith", "Emil")
SPACED = ("van der Berg", "de la Cruz", "von Thun")
ACCENTED = ("Zoë", "José", "Åsa")
SCRIPTS = ("佐藤 花子", "Ольга", "عمر", "Ελένη", "ณัฐ")
PICTURES = ("🦊-17", "👩‍🚀", "☕ No. 3")
# To JSON, to Python or to who splits at commas and quotation marks, they look like something else.
LOOKALIKES = ("null", "None", "1e3", "-7", "O'Hara", 'Bo "Ace"', "a,b;c", "x=1&y=2", "back\\slash")
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


def ids(draw: Draw, prefix: str, *, plain: int = 12) -> list[str]:
    """Return ids in a drawn order: awkward ones, and plain ones such as `c-017`.

    Among them are pairs that int(), lower(), a tidying of spaces or of Unicode makes one id, and
    letters that a narrow encoding loses.
    """
    digits, name = draw.randint(10, 99), draw.choice(NAMES)
    spaced, accented = draw.choice(SPACED), draw.choice(ACCENTED)
    pairs = [f"00{digits}", f"{digits}", name, name.lower(), spaced, spaced.replace(" ", "  ")]
    forms = [unicodedata.normalize(form, accented) for form in ("NFC", "NFD")]
    others = [*draw.sample(SCRIPTS, 2), draw.choice(PICTURES), *draw.sample(LOOKALIKES, 4)]
    numbered = [f"{prefix}-{number:03}" for number in draw.sample(range(1000), plain)]
    made = [*pairs, *forms, *others, *numbered]
    return draw.sample(made, len(made))


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
