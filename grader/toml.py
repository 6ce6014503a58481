"""TOML that people write by hand, read strictly: what is malformed is refused with the number of its line."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = 80
# A number past this is not shown: it may have thousands of digits.
MAX_NUMBER = 1_000_000
LINES = 'Lines such as `name = "text"` or `name = 3`.'
AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


class Malformed(Exception):
    """A file that cannot be read as stated.

    Args:
        seen: What stands there.
        line: The line it stands in, counted from 1; None where the whole file is meant.
    """

    def __init__(self, seen: str, *, line: int | None, expected: str = "", advice: str = "") -> None:
        super().__init__(seen)
        self.seen = seen
        self.line = line
        self.expected = expected
        self.advice = advice


def decoded(content: bytes) -> str:
    """Return the text of a file.

    Raises:
        Malformed: It is not UTF-8.
    """
    try:
        # Some editors put a byte order mark in front, which TOML does not know.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(
            f"Its byte 0x{content[error.start]:02x} is not UTF-8.",
            line=content[: error.start].count(b"\n") + 1,
            expected="A text file in UTF-8.",
            advice="Save the file as UTF-8 in the editor.",
        ) from error


def parsed(text: str) -> Mapping[str, Any]:
    """Return the entries of a file.

    Raises:
        Malformed: It is not TOML.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise Malformed("It is nested too deeply.", line=None, expected=LINES) from error
    except ValueError as error:  # a syntax error, or a number of thousands of digits
        found = AT_LINE.search(str(error))
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        written = text.split("\n")[line - 1].strip()[:SHOWN]
        raise Malformed(
            f"It is not TOML: `{written}` ({_reason(error)}).",
            line=line,
            expected=LINES,
            advice=_syntax_advice(written, str(error)),
        ) from error


def _reason(error: ValueError) -> str:
    reason = AT_LINE.sub("", str(error)).removesuffix(" (at end of document)")
    return reason[:1].lower() + reason[1:]


def _syntax_advice(written: str, error: str) -> str:
    if error.startswith("Cannot overwrite"):
        return "This question is answered twice; keep one of the two lines."
    if re.search(r"[“”„’‘]", written):
        return 'The quotation marks of TOML are the straight ones: "text".'
    if re.fullmatch(r"[\w-]+\s*=\s*[A-Za-z_][^\"'\[{]*", written):
        return "Text stands in quotation marks."
    return ""


def kind_of(value: object) -> str:
    """Return what kind of value stands there, in words."""
    if isinstance(value, str):
        return f"the text {json.dumps(value[:SHOWN], ensure_ascii=False)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"the number {value}" if abs(value) <= MAX_NUMBER else "a number out of all bounds"
    kinds = {bool: "a truth value", list: "a list", dict: "a table", type(None): "missing"}
    return kinds.get(type(value), "a date or a time")


def line_of(text: str, *path: str) -> int:
    """Return the line in which the entry of this path begins.

    It begins behind the longest beginning of the text that is whole and has it not yet.
    """
    whole = 0
    lines = text.split("\n")
    for number in range(len(lines) + 1):
        try:
            entries: Any = tomllib.loads("\n".join(lines[:number]))
        except ValueError:
            continue
        for name in path:
            entries = entries.get(name) if isinstance(entries, Mapping) else None
        if entries is not None:
            break
        whole = number
    return whole + 1


def listed(names: Mapping[str, object] | Sequence[str]) -> str:
    """Return names as code, with commas between."""
    return ", ".join(f"`{name}`" for name in names)
