"""How records, counts and places are written in feedback."""

from collections.abc import Sequence

SHOWN = 60
PLACES = 3
NOT_AT_ITS_END = "The program did not come to its end: begin with what it says last."


def shown(content: bytes | None) -> str:
    """Return bytes as text where they are UTF-8, in Python's notation where not, shortened.

    What cannot be seen in a text, such as a line break, is written as its escape.
    """
    if content is None:
        return "null"
    if not content:
        return "empty"
    try:
        text = "".join(map(_visible, content.decode("utf-8")))
    except UnicodeDecodeError:
        text = repr(content)
    return f"`{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}`"


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def number(count: int, noun: str) -> str:
    """Return a count with its noun, such as `1 record` or `20,000 records`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def some(count: int, of: int, noun: str, one: str, more: str) -> str:
    """Return a part of a whole with its verb, such as `1 of 20 records is` or `3 of 20 records are`."""
    return f"{count:,} of {number(of, noun)} {one if count == 1 else more}"


def share_of(part: int, whole: int) -> str:
    """Return how much a part is of a whole, such as `36 %`."""
    return f"{100 * part / whole:.0f} %" if whole else "more than all"


def listed(parts: Sequence[object]) -> str:
    """Return the first few of some parts as a list in words."""
    texts = [f"{part}" for part in parts] or ["none"]
    if len(texts) > PLACES:
        return f"{', '.join(texts[:PLACES])} and {len(texts) - PLACES} more"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def an(noun: str) -> str:
    """Return a noun with its article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
