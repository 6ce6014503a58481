"""A file of JSON lines that a program sends, a record a line: which record holds which line."""

import ast
import bz2
import json
import lzma
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NoReturn

from grader.model import Evidence, Record

# In which form a value holds a line; only the first is right.
Form = Literal["same", "changed", "misread", "twice", "constant", "python", "encoding", "compressed"]
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1")
# What a text file is read in on some machines where nothing is said.
MISREAD = ("latin-1", "cp1252", "cp437", "cp850", "mac-roman")
READ_AS_UTF_8 = 'The file is UTF-8: open it with `encoding="utf-8"`.'
READING = ("open", "read_text", "fdopen", "decode", "reconfigure")
# Python's notation of a line is looked for in values of a line's size only.
MAX_LITERAL_BYTES = 10_000
# What a compressed value unpacks to is looked at up to this size.
MAX_UNPACKED_BYTES = 10_000_000
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
MOST_FILES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, counted from 1, without its line ending."""

    number: int
    text: bytes
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A record that holds a line in its value, and in which form."""

    record: Record
    line: Line
    form: Form


@dataclass(frozen=True, slots=True)
class Lines:
    """What the lines of a file mean.

    Attributes:
        topic: Where they are to be sent.
        noun: What a line is, such as `order`.
        identity: The field whose value no two lines share.
        key: The field whose value is the key of the line's record.
        owner: Whom the key names, such as `customer`.
    """

    topic: str
    noun: str
    identity: str
    key: str
    owner: str

    def given(self, evidence: Evidence) -> tuple[Line, ...]:
        """Return the lines of the file that the program was given as its first argument."""
        return _lines(_file(evidence))

    def sent(self, evidence: Evidence) -> tuple[Sent, ...]:
        """Return the topic's records whose value holds a line of the file, in whatever form."""
        return _sent(self.identity, _file(evidence), evidence.of_topic(self.topic))

    def by_owner(self, sent: Sequence[Sent]) -> Mapping[str, Sequence[Sent]]:
        """Return what was sent by the owner that the line names, each owner's in the file's order."""
        groups: dict[str, list[Sent]] = {}
        for each in sorted(sent, key=lambda each: each.line.number):
            groups.setdefault(self.owner_of(each.line), []).append(each)
        return groups

    def owner_of(self, line: Line) -> str:
        """Return the key that the record of a line should have, as text."""
        owner: str = line.content[self.key]
        return owner


def _file(evidence: Evidence) -> bytes:
    return evidence.scenario.files[evidence.scenario.args[0]]


# Every check asks for lines and for what holds them, and a file may have tens of thousands.
@lru_cache(MOST_FILES)
def _lines(content: bytes) -> tuple[Line, ...]:
    texts = content.split(b"\n")[:-1]
    return tuple(Line(number, text, json.loads(text)) for number, text in enumerate(texts, 1))


@lru_cache(MOST_FILES)
def _sent(identity: str, content: bytes, records: tuple[Record, ...]) -> tuple[Sent, ...]:
    given = _lines(content)
    texts: Mapping[bytes | None, Line] = {line.text: line for line in given}
    lines = {line.content[identity]: line for line in given}
    sent = []
    for record in records:
        if line := texts.get(record.value):
            sent.append(Sent(record, line, "same"))
        elif found := _found(record.value, identity, lines):
            sent.append(Sent(record, *found))
    return tuple(sent)


def _found(value: bytes | None, identity: str, lines: Mapping[str, Line]) -> tuple[Line, Form] | None:
    for content, form in readings(value or b""):
        named = content.get(identity)
        if isinstance(named, str) and named in lines:
            line = lines[named]
            right = form != "same" or equal(content, line.content)
            return line, form if right else _unlike(content, line)
    return None


def _unlike(content: Mapping[str, Any], line: Line) -> Form:
    """Say whether a line was changed, or read as text in an encoding that it is not in."""
    if line.text.isascii():  # the same in all of them
        return "changed"
    read = (parsed(misread(line.text, encoding)) for encoding in MISREAD)
    return "misread" if any(equal(content, each) for each in read) else "changed"


def misread(text: bytes, encoding: str) -> bytes:
    """Return what becomes of UTF-8 that is read in another encoding and written in UTF-8 again."""
    return text.decode(encoding, "replace").encode()


def readings(value: bytes) -> Iterator[tuple[Mapping[str, Any], Form]]:
    """Yield the objects that a value can be read as, the strictest reading first."""
    content = parsed(value)
    if isinstance(content, Mapping):
        yield content, "same"
    elif isinstance(content, str):
        inner = parsed(content.encode("utf-8", "replace"))
        if isinstance(inner, Mapping):
            yield inner, "twice"
    elif content is None:
        with_constants = parsed(value, PYTHONS)
        if isinstance(with_constants, Mapping):
            yield with_constants, "constant"
        yield from _literals(value)
        yield from _recoded(value)
        unpacked = parsed(decompressed(value))
        if isinstance(unpacked, Mapping):
            yield unpacked, "compressed"


def decompressed(value: bytes) -> bytes:
    """Return what a value compressed with a module of the standard library holds; nothing if it is none."""
    for unpacker in (zlib.decompressobj(GZIP_OR_ZLIB), bz2.BZ2Decompressor(), lzma.LZMADecompressor()):
        try:
            return unpacker.decompress(value, MAX_UNPACKED_BYTES)
        except (zlib.error, lzma.LZMAError, OSError):
            continue
    return b""


def _literals(value: bytes) -> Iterator[tuple[Mapping[str, Any], Form]]:
    if value[:1] not in {b"{", b"b"} or len(value) > MAX_LITERAL_BYTES:
        return
    try:
        content = ast.literal_eval(value.decode())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return
    content = parsed(content) if isinstance(content, bytes) else content
    if isinstance(content, Mapping):
        yield content, "python"


def _recoded(value: bytes) -> Iterator[tuple[Mapping[str, Any], Form]]:
    for encoding in ENCODINGS:
        try:
            content = parsed(value.decode(encoding).encode())
        except ValueError:
            continue
        if isinstance(content, Mapping):
            yield content, "encoding"


def _refuse(constant: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and writes and JSON does not have (RFC 8259, 6)."""
    raise ValueError(constant)


# Made once: there are tens of thousands of values.
STRICT = json.JSONDecoder(parse_constant=_refuse)
PYTHONS = json.JSONDecoder()


def parsed(text: bytes, decoder: json.JSONDecoder = STRICT) -> Any:
    """Return what JSON in UTF-8 says; None where it is no such JSON."""
    try:
        # Bytes given to json.loads as they are would be taken for UTF-16, too.
        return decoder.decode(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def equal(one: Any, other: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
