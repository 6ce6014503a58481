"""Text laid out in lines of a terminal: by columns, in our own plain ASCII signs, at words and sentences.

Control characters never reach the terminal.
"""

import re
import unicodedata
from collections.abc import Iterator

from grader.report.text import visible

TRACEBACK = "Traceback (most recent"
LEFT_OUT = "..."
SENTENCE_END = re.compile(r"[.!?][\"'`)]*(?=\s|$)|(?=\n)")
PLAIN = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "…": "...",
        "×": "x",
        "→": "->",
        "\u00a0": " ",
    }
)


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def fitted(text: str, room: int) -> str:
    """Return as much of a text as fits on one line, with dots where something is left out."""
    line = _plain(" ".join(text.split()))
    return line if columns(line) <= room else _cut(line, max(0, room - 3)) + LEFT_OUT


def wrapped(text: str, room: int, limit: int) -> list[str]:
    """Return a text on at most so many lines, with dots where something is left out.

    What is left out begins where a sentence does, unless the first one alone is too long. Of a traceback
    the end is kept, where its cause stands.
    """
    whole = _plain(text).strip("\n")
    lines = _lines(whole, room)
    if len(lines) <= limit:
        return lines
    begun = next((number for number, line in enumerate(lines) if line.startswith(TRACEBACK)), limit)
    if begun <= limit - 3:
        head = max(1, begun)
        return [*lines[:head], LEFT_OUT, *lines[head + 1 - limit :]]
    ends = [found.end() for found in SENTENCE_END.finditer(whole[: limit * (room + 1)])]
    for end in reversed(ends):
        if len(sentences := _lines(f"{whole[:end]} {LEFT_OUT}", room)) <= limit:
            return sentences
    return [*lines[: limit - 1], _dotted(lines[limit - 1], room)]


def _dotted(line: str, room: int) -> str:
    while columns(line) > room - 4 and " " in line.strip():
        line = line.rstrip().rpartition(" ")[0]
    return f"{_cut(line, room - 4)} {LEFT_OUT}"


def least(text: str, room: int) -> int:
    """Return how many lines `wrapped` needs to keep the first sentence of a text whole."""
    whole = _plain(text).strip("\n")
    found = SENTENCE_END.search(whole)
    if found is None or not whole[found.end() :].strip():
        return len(_lines(whole, room))
    return len(_lines(f"{whole[: found.end()]} {LEFT_OUT}", room))


def _lines(text: str, room: int) -> list[str]:
    return [line for each in text.split("\n") if each.strip() for line in _wrapped_line(each, room)]


def _wrapped_line(line: str, room: int) -> list[str]:
    indent = line[: min(len(line) - len(line.lstrip(" ")), room // 4)]
    found = [indent]
    for word in _words(line, room - len(indent)):
        if found[-1] == indent:
            found[-1] += word
        elif columns(found[-1]) + 1 + columns(word) <= room:
            found[-1] += f" {word}"
        else:
            found.append(indent + word)
    return found


def _words(text: str, room: int) -> Iterator[str]:
    """Yield the words of a text, one that is wider than a line in pieces."""
    for word in text.split():
        rest = word
        while columns(rest) > room:
            piece = _cut(rest, room)
            yield piece
            rest = rest[len(piece) :]
        yield rest


def _cut(text: str, room: int) -> str:
    taken = 0
    for index, char in enumerate(text):
        taken += _columns(char)
        if taken > room:
            return text[:index]
    return text


def _plain(text: str) -> str:
    return visible(text.translate(PLAIN))
