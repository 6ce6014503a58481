"""Written answers: predictions in `answers.toml`, and a teacher's points in `grading.toml`, read strictly.

What is malformed is refused with the number of its line: a guess at what was meant would be graded
as if it had been meant.
"""

import dataclasses
import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import ExerciseError, UsageError
from grader.model import Criterion, Prediction

FILE = "answers.toml"
PREDICTIONS = "predictions.json"
# Ten times what an answers.toml of the kit has; finding the line of a mistake is quadratic in them.
MAX_LINES = 500
MAX_BYTES = 50_000
MAX_NUMBER = 1_000_000
SHOWN = 80
LINES = 'Lines such as `name = "text"` or `name = 3`.'
UNANSWERED = frozenset({"?", ""})
AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")

Answer = str | int
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A question about the broker that is answered before the experiment is run.

    Attributes:
        name: Its key in answers.toml.
        options: What may be answered, each with its meaning; none where a whole number is asked.
    """

    name: str
    question: str
    options: Mapping[str, str] = field(default_factory=dict)

    def show(self, answer: Answer) -> str:
        """Return an answer in words: an option is followed by its meaning."""
        meaning = self.options.get(str(answer), "")
        return f"“{answer}” ({meaning})" if meaning else f"{answer}"


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


def claims(path: Path) -> Mapping[str, Claim]:
    """Return the questions that an exercise's rubric.toml asks, by their names.

    Raises:
        ExerciseError: It is not as stated.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["claims"].items()
        return {name: Claim(name, each["question"], each.get("options", {})) for name, each in entries}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_rubric(path, error) from error


def criteria(path: Path) -> tuple[Criterion, ...]:
    """Return the lines of an exercise's rubric.toml by which a teacher reads its explanation.

    Raises:
        ExerciseError: It is not as stated.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["explanation"]
        return tuple(Criterion(each["text"], each["points"]) for each in entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_rubric(path, error) from error


def _no_rubric(path: Path, error: Exception) -> ExerciseError:
    return ExerciseError(
        f"{path.parent.name}/{path.name} cannot be used: {type(error).__name__}: {error}.",
        cure="It holds a table [claims.NAME] a question, with `question` and `options`, and a table "
        "[[explanation]] a criterion, with `text` and `points`.",
    )


def read_answers(content: bytes, claims: Sequence[Claim]) -> Mapping[str, Answer]:
    """Return what answers.toml answers, by the claim's name; what is not answered yet is left out.

    Whether an answer is of the kind that its question asks for, `answer_to` says: one slip is to cost
    one prediction.

    Raises:
        Malformed: It is not TOML, or holds an unknown key.
    """
    _check_size(content)
    text = _text(content)
    entries = _parsed(text)
    known = {claim.name: claim for claim in claims}
    for name in entries:
        if name not in known:
            raise Malformed(
                f"`{name}` is none of the questions.",
                line=_line_of(text, name),
                expected=f"The questions are {_listed(known)}.",
                advice=_advice_on_unknown(name, entries[name], known),
            )
    return {name: value for name, value in entries.items() if not _is_unanswered(value)}


def holds_answers(content: bytes) -> bool:
    """Whether an answers.toml answers anything, be it as it may; one that cannot be read was meant to."""
    try:
        _check_size(content)
        return not all(_is_unanswered(value) for value in _parsed(_text(content)).values())
    except Malformed:
        return True


def _check_size(content: bytes) -> None:
    lines = content.count(b"\n")
    if lines > MAX_LINES or len(content) > MAX_BYTES:
        raise Malformed(
            f"It has {lines:,} lines and {len(content):,} bytes.",
            line=None,
            expected=f"At most {MAX_LINES} lines and {MAX_BYTES:,} bytes: one answer a line.",
        )


def _advice_on_unknown(name: str, value: object, known: Mapping[str, Claim]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if isinstance(value, dict):
        return f"Take the line `[{name}]` out: it puts all that follows into a table of its own."
    return f"Is `{near[0]}` meant?" if near else "Write the question's name as it was handed out."


def answer_to(content: bytes, claim: Claim) -> Answer | None:
    """Return the answer to one question, whatever else the file holds; None where there is none yet.

    Raises:
        Malformed: The file is not TOML, or the answer is of another kind.
    """
    text = _text(content)
    value: Answer | None = _parsed(text).get(claim.name)
    if value is None or _is_unanswered(value):
        return None
    _check_kind(claim, value, text)
    return value


def _is_unanswered(value: object) -> bool:
    return isinstance(value, str) and value.strip() in UNANSWERED


def _text(content: bytes) -> str:
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


def _parsed(text: str) -> Mapping[str, Any]:
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


def _check_kind(claim: Claim, value: Any, text: str) -> None:
    several = _several(claim, value)
    if not claim.options and not (type(value) is int and 0 <= value <= MAX_NUMBER):
        expected = f"A whole number from 0 on, without quotation marks: `{claim.name} = 3`."
        advice = "The question asks how many: answer with the number, in digits."
    elif len(several) > 1:
        expected = f"One option, such as `{claim.name} = {json.dumps(several[0])}`."
        advice = "Decide for one of them; the report keeps the first prediction beside the last."
    elif claim.options and not (isinstance(value, str) and value in claim.options):
        expected = f"One of the options {_listed(claim.options)}, in quotation marks."
        near = difflib.get_close_matches(str(value)[:SHOWN].lower(), claim.options, n=1)
        advice = f'Is "{near[0]}" meant?' if near else "The options stand above the question, in the file."
    else:
        return
    answer = f"{len(several)} options at once, {_listed(several)}" if len(several) > 1 else _kind(value)
    raise Malformed(
        f"`{claim.name}` is answered with {answer}.",
        line=_line_of(text, claim.name),
        expected=expected,
        advice=advice,
    )


def _several(claim: Claim, value: object) -> Sequence[str]:
    parts = value if isinstance(value, list) else re.split(r"\W+", value) if isinstance(value, str) else ()
    return list(dict.fromkeys(part for part in parts if isinstance(part, str) and part in claim.options))


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"the text {json.dumps(value[:SHOWN], ensure_ascii=False)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"the number {value}" if abs(value) <= MAX_NUMBER else "a number out of all bounds"
    kinds = {bool: "a truth value", list: "a list", dict: "a table", type(None): "missing"}
    return kinds.get(type(value), "a date or a time")


def _listed(names: Mapping[str, object] | Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _line_of(text: str, *path: str) -> int:
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


def keep_first(path: Path, exercise: str, predictions: Sequence[Prediction]) -> Sequence[Prediction]:
    """Return the predictions with the first one of each claim beside the last, and keep those that are new.

    Args:
        path: `predictions.json` in the folder of the report; a damaged one is begun anew.
        predictions: The predictions of this grading.
    """
    kept = _kept(path)
    earlier = {name: each for name, each in kept.get(exercise, {}).items() if isinstance(each, str)}
    first = {**{each.claim: each.last for each in predictions}, **earlier}
    if first != earlier:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_text(json.dumps({**kept, exercise: first}, ensure_ascii=False, indent=2), encoding="utf-8")
        part.replace(path)
    return tuple(dataclasses.replace(each, first=first[each.claim]) for each in predictions)


def _kept(path: Path) -> dict[str, dict[str, str]]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    entries = kept.items() if isinstance(kept, dict) else ()
    return {exercise: given for exercise, given in entries if isinstance(given, dict)}


@dataclass(frozen=True, slots=True)
class TeacherPoints:
    """What a teacher gives for one explanation."""

    points: int
    comment: str = ""


def teacher_grading(path: Path, student: str, maxima: Mapping[str, int]) -> Mapping[str, TeacherPoints]:
    """Return a teacher's points for one student by exercise; none where there is no such file.

        ["Ada Lovelace".03_partition_stickiness]
        points = 2
        comment = "Say which records are in order."

    What is said of other students is not judged, so that a slip there holds up nobody else.

    Args:
        path: `grading.toml`, beside the submissions.
        maxima: The points that an explanation can have, by exercise.

    Raises:
        UsageError: What is said of this student is malformed; the message names the line.
    """
    if not path.exists():
        return {}
    content = path.read_bytes()
    try:
        try:
            _parsed(text := _text(content))
        except Malformed:
            text = _text(_lines_about(content, student))
        return dict(_graded(text, student, _parsed(text).get(student, {}), maxima))
    except Malformed as error:
        where = path.name if error.line is None else f"{path.name}, line {error.line}"
        raise UsageError(f"{where}: {error.seen}", cure=f"{error.expected} {error.advice}".strip()) from error


def _lines_about(content: bytes, student: str) -> bytes:
    """Return a file that is not TOML as a whole with the lines of other students' tables blank.

    A line that begins a table and cannot be read is of whom it names.
    """
    names = re.compile(rf"(?<![\w-]){re.escape(student)}(?![\w-])")
    lines, inside, mine = [], False, False
    for line in content.decode("utf-8-sig", "surrogateescape").split("\n"):
        if (begins := line.lstrip().startswith("[")) or not inside:
            inside = begins
            try:
                mine = student in tomllib.loads(line.strip())
            except ValueError:
                mine = names.search(line) is not None
        lines.append(line if mine else "")
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _graded(
    text: str, student: str, exercises: object, maxima: Mapping[str, int]
) -> Iterator[tuple[str, TeacherPoints]]:
    if not isinstance(exercises, Mapping):
        raise Malformed(
            f"`{student}` is not a table.",
            line=_line_of(text, student),
            expected=f"A table a student and exercise, such as [{student}.{next(iter(maxima), '03')}].",
        )
    for exercise, given in exercises.items():
        _check_exercise(text, (student, exercise), given, maxima)
        yield exercise, TeacherPoints(given["points"], given.get("comment", ""))


def _check_exercise(text: str, key: Key, given: object, maxima: Mapping[str, int]) -> None:
    exercise = key[-1]
    if exercise not in maxima:
        near = difflib.get_close_matches(exercise, maxima, n=1)
        raise Malformed(
            f"`{exercise}` is no exercise with an explanation.",
            line=_line_of(text, *key),
            expected=f"One of {_listed(maxima)}.",
            advice=f"Is `{near[0]}` meant?" if near else "",
        )
    most = maxima[exercise]
    fields = given if isinstance(given, Mapping) else {}
    points = fields.get("points")
    if type(points) is not int or not 0 <= points <= most:
        raise Malformed(
            f"The points of `{'.'.join(key)}` are {_kind(points)}.",
            line=_line_of(text, *key, *(["points"] if points is not None else [])),
            expected=f"A whole number from 0 to {most}: `points = {most}`.",
        )
    for name, value in fields.items():
        if name not in {"points", "comment"} or (name == "comment" and not isinstance(value, str)):
            raise Malformed(
                f"`{name}` is {_kind(value)}." if name == "comment" else f"`{name}` is not known here.",
                line=_line_of(text, *key, name),
                expected="`points`, a whole number, and `comment`, a text.",
            )
