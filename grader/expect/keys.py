"""Expectations on keys, and what a wrong key shows of the program that made it."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.expect.failure import fail
from grader.expect.lines import MISREAD, READ_AS_UTF_8, READING, Line, Lines, Sent, misread, parsed
from grader.expect.source import line_calling, line_giving
from grader.expect.wording import an, shown, some
from grader.model import Evidence

KEY = "KEY"  # stands for the key in a sentence about it
SEPARATORS = re.compile(r"[\s_.-]+")
ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
FOREIGN_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1")
LOSSY = ("replace", "ignore", "backslashreplace", "xmlcharrefreplace", "namereplace")
FORMS: tuple[Callable[[str], str], ...] = (
    lambda text: unicodedata.normalize("NFC", text),
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: unicodedata.normalize("NFKC", text),
)


@dataclass(frozen=True)
class Cause:
    """Why a key is not the wanted one.

    Attributes:
        sign: Whether a key shows it, given the key and the wanted key, both as bytes.
        what: The end of a sentence that begins with the key.
        calls: Functions whose call in the program may be the place.
    """

    sign: Callable[[bytes, str], bool]
    what: str
    advice: str
    calls: tuple[str, ...] = ()


def _text(key: bytes) -> str:
    return key.decode("utf-8", "replace")


def _is_encoded(key: bytes, wanted: str) -> bool:
    for encoding in FOREIGN_ENCODINGS:
        if key == wanted.encode(encoding, "ignore"):
            return True
    return any(key == wanted.encode("ascii", errors) for errors in LOSSY)


def _is_misread(key: bytes, wanted: str) -> bool:
    return key != wanted.encode() and any(key == misread(wanted.encode(), each) for each in MISREAD)


def _is_digest(key: bytes, wanted: str) -> bool:
    content = wanted.encode()
    names = ("md5", "sha1", "sha256", "sha512")
    digests = [hashlib.new(name, content, usedforsecurity=False) for name in names]
    return any(key in {each.digest(), each.hexdigest().encode()} for each in digests)


# The first sign that a key shows names it: the more special ones stand first.
CAUSES = (
    Cause(
        # An empty key that a narrow encoding made has lost its letters, which is said below.
        lambda key, wanted: key == b"" != wanted.encode("ascii", "ignore"),
        "is empty",
        "An empty key is a key like any other: kafka-python sends all records that have it to one partition.",
    ),
    Cause(
        lambda key, wanted: key != wanted.encode() and parsed(key) == wanted,
        "is JSON: the quotation marks are part of it",
        "`json.dumps` puts quotation marks around a text; a key is encoded with `.encode()` alone.",
        ("dumps",),
    ),
    Cause(
        lambda key, wanted: _text(key) in {str(wanted.encode()), repr(wanted)},
        "is Python's notation, with its quotation marks",
        "`str()` or an f-string of bytes gives `b'…'`: encode the text once, with `.encode()`.",
        ("str", "repr"),
    ),
    Cause(
        lambda key, wanted: key in {wanted.encode() + end for end in (b"\n", b"\r\n", b"\r")},
        "ends with a line break",
        'Cut the line break off with `.rstrip("\\n")` before the key is made.',
    ),
    Cause(
        lambda key, wanted: ZEROS.sub("", _text(key)) == ZEROS.sub("", wanted),
        "has other zeros in front of its digits",
        "Digits in a key are text: `int()` drops zeros in front, and formats such as `:02d` add some.",
        ("int", "lstrip", "zfill"),
    ),
    Cause(
        lambda key, wanted: _text(key).casefold() == wanted.casefold(),
        "has other capitals",
        "Capitals count: `Mara` and `mara` are two keys. Leave the letters as they are.",
        ("lower", "upper", "casefold", "title", "capitalize"),
    ),
    Cause(
        lambda key, wanted: SEPARATORS.sub("", _text(key)) == SEPARATORS.sub("", wanted),
        "has other spaces, hyphens or the like",
        "Every character of a key counts, spaces too: leave it as it is.",
        ("strip", "replace", "split", "join"),
    ),
    Cause(
        lambda key, wanted: parsed(b'"' + key + b'"') == wanted,
        "holds escapes of JSON in place of characters",
        "Read the line with `json.loads` and take the field from what it returns.",
        ("split", "partition", "index", "find", "search", "match", "findall"),
    ),
    Cause(
        _is_misread,
        "has letters that were read in another encoding than UTF-8",
        READ_AS_UTF_8,
        READING,
    ),
    Cause(
        _is_encoded,
        "is not UTF-8, or has lost letters beyond ASCII",
        "Encode with `.encode()`, whose default is UTF-8 and which loses nothing.",
        ("encode", "bytes"),
    ),
    Cause(
        lambda key, wanted: any(form(wanted) == form(_text(key)) for form in FORMS),
        "has its letters written in another Unicode form",
        "Letters that look alike may be different bytes: send the id as it stands in the file.",
        ("normalize",),
    ),
    Cause(
        _is_digest,
        "is a hash of it",
        "The partitioner hashes the key by itself: send the plain id.",
        ("md5", "sha1", "sha256", "sha512", "new"),
    ),
    Cause(
        lambda key, wanted: len(wanted) > 1 and wanted in _text(key),
        "has something added to it",
        "A key that changes from record to record sends each to another partition: nothing random, no "
        "counter and no time belongs in it.",
        ("uuid4", "uuid1", "random", "randint", "randrange", "time", "time_ns", "token_hex"),
    ),
    Cause(
        lambda key, wanted: (len(key) > 1 and _text(key) in wanted) or wanted.endswith(_text(key)),
        "is only a part of it",
        "Take the whole text as the key.",
        ("split", "partition"),
    ),
)


def cause_of(key: bytes, wanted: str) -> Cause | None:
    """Return what a wrong key shows; None where it shows nothing known."""
    return next((cause for cause in CAUSES if cause.sign(key, wanted)), None)


def advice_on(evidence: Evidence, cause: Cause) -> str:
    """Return a cause's advice, with the student's own line where one is found."""
    return f"{cause.advice} {line_calling(evidence, *cause.calls)}".strip()


def keys_name_owners(evidence: Evidence, lines: Lines) -> None:
    """Expect that the key of each line's record is the UTF-8 of the line's key field."""
    sent = lines.sent(evidence)
    wrong = [each for each in sent if each.record.key != lines.owner_of(each.line).encode()]
    if not wrong:
        return
    reasons = [next(_why_wrong(evidence, lines, each, sent)) for each in wrong]
    reason = Counter(reasons).most_common(1)[0][0]
    alike = [each for each, why in zip(wrong, reasons, strict=True) if why == reason]
    example = next((each for each in alike if each.record.key), alike[0])
    owner = lines.owner_of(example.line)
    fail(
        f"{some(len(wrong), len(sent), 'record', 'has', 'have')} another key than the `{lines.key}`: "
        f"{example.record.place} holds {an(lines.noun)} of {lines.owner} “{owner}”, and its key "
        f"{reason.what.replace(KEY, shown(example.record.key))}.",
        expected=f"The `{lines.key}` of each {lines.noun}, in UTF-8: here `{owner}`.",
        advice=reason.advice,
    )


@dataclass(frozen=True)
class Reason:
    """What is said of a wrong key, and what to try."""

    what: str
    advice: str


def _why_wrong(evidence: Evidence, lines: Lines, wrong: Sent, sent: Sequence[Sent]) -> Iterator[Reason]:
    key = wrong.record.key
    if key is None:
        where = line_giving(evidence, "key")
        advice = (
            f"Give `send()` a key: the {lines.owner} named inside the value chooses no partition. {where}"
        )
        yield Reason("is null", advice.strip())
        return
    if len(sent) > 1 and all(each.record.key == key for each in sent):
        yield Reason(f"is {KEY}, the same as in all other records", _advice_on_one_for_all(lines, key))
    if field := _field_with(wrong.line, key):
        yield Reason(f"is {KEY}, its `{field}`", f"The key is the field `{lines.key}` of each {lines.noun}.")
    if key.strip() == wrong.line.text.strip():
        yield Reason("is the whole line", f"The key is the `{lines.key}` alone; the line is the value.")
    if cause := cause_of(key, lines.owner_of(wrong.line)):
        yield Reason(f"{KEY} {cause.what}", advice_on(evidence, cause))
    if key.lstrip(b"-").isdigit():
        where = line_calling(evidence, "hash", "crc32", "enumerate")
        advice = f"The key is the id itself; the partitioner makes a number of it. {where}".strip()
        yield Reason(f"is the number {KEY}", advice)
    yield Reason(f"is {KEY}", f"Take the `{lines.key}` as it stands in the {lines.noun}, with `.encode()`.")


def _advice_on_one_for_all(lines: Lines, key: bytes) -> str:
    if key == lines.key.encode():
        return f'`{lines.key}` is the name of the field; the key is its value: `{lines.noun}["{lines.key}"]`.'
    return f"With one key for all, everything goes to one partition: take the id of each {lines.owner}."


def _field_with(line: Line, key: bytes) -> str:
    fields = line.content.items()
    return next((name for name, value in fields if value is not None and str(value).encode() == key), "")
