"""Text of unknown origin made fit to be looked at: nothing in it is hidden, nothing acts."""

import re
import unicodedata

CUT = "…"
VALUE_LENGTH = 80  # characters of a key or value; what is longer is told by its size
MARKS_IN_A_ROW = 4  # no script stacks more on one letter; what does covers the lines around it

# Printable by category, yet nothing is drawn: Default_Ignorable_Code_Point beyond the category Cf
# (DerivedCoreProperties.txt of Unicode 16), and the braille blank.
BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
VARIATIONS = "\ufe0e\ufe0f"  # after a symbol they choose between text and emoji, in plain sight
PICTURES = {chr(code): chr(0x2400 + code) for code in range(0x20)} | {"\x7f": "␡"}


def visible(text: str) -> str:
    """Return text with every control, direction, zero-width and other hidden character shown as a sign.

    Line ends and tabs stay what they are.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    before, marks = "", 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        plain = char in "\n\t" or (char.isprintable() and not BLANK.match(char) and marks <= MARKS_IN_A_ROW)
        chosen = char in VARIATIONS and unicodedata.category(before or " ") == "So"
        shown.append(char if plain or chosen else sign(char))
        before = char
    return "".join(shown)


def sign(char: str) -> str:
    """Return what stands for a character that cannot be seen: `␛`, `⟨U+202E⟩`."""
    return PICTURES.get(char) or f"⟨U+{ord(char):04X}⟩"


def decoded(data: bytes) -> str:
    r"""Return bytes as UTF-8 text, each byte that is none as `\xff`."""
    return data.decode("utf-8", "backslashreplace")


def sound(text: str) -> str:
    r"""Return text that every encoder takes: half a surrogate pair becomes `\ud800`."""
    return text.encode("utf-8", "backslashreplace").decode()


def one_line(text: str) -> str:
    """Return visible text on one line, its line ends, tabs and outer spaces shown as signs."""
    line = visible(text).replace("\n", "␊").replace("\t", "␉")
    inner = line.strip(" ")
    if inner == line:
        return line
    left = len(line) - len(line.lstrip(" ")) if inner else len(line)
    right = len(line) - left - len(inner)
    return "␠" * left + inner + "␠" * right


def trimmed(data: bytes, length: int = VALUE_LENGTH) -> str:
    """Return a key or value on one line; a long one ends with how many bytes it has in all."""
    text = one_line(decoded(data[: 4 * length + 4]))  # a character has at most four bytes
    if len(text) <= length and len(data) <= 4 * length + 4:
        return text
    return f"{text[:length]}{CUT} ({count(len(data), 'byte')})"


def shortened(text: str, length: int) -> str:
    """Return at most `length` characters of a text, the last one a mark where something is left out."""
    return text if len(text) <= length else text[: length - 1].rstrip() + CUT


def excerpt(data: bytes, head: int, tail: int) -> tuple[str, int, str]:
    """Return the beginning of an output, how many bytes are left out, and its end."""
    left_out = len(data) - head - tail
    if left_out <= 0:
        return decoded(data), 0, ""
    return decoded(data[:head]), left_out, decoded(data[-tail:])


def count(number: int, noun: str) -> str:
    """Return `1 record`, `2 records`, `20,000 records`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def seconds(duration: float) -> str:
    """Return a duration: `0.42 s`, `4.3 s`, `30 s`."""
    digits = 2 if duration < 1 else 1
    return f"{duration:.{digits}f}".rstrip("0").rstrip(".") + " s"


def listed(words: list[str]) -> str:
    """Return `0`, `0 and 2`, `0, 2 and 5`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
