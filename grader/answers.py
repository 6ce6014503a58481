"""Written answers: the questions of `rubric.toml`, predictions in `answers.toml`, the first of them kept.

What is malformed is refused: a guess at what was meant would be graded as if it had been meant.
"""

import dataclasses
import difflib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import ExerciseError
from grader.model import Criterion, Prediction
from grader.toml import MAX_NUMBER, SHOWN, Malformed, decoded, kind_of, line_of, listed, parsed

FILE = "answers.toml"
PREDICTIONS = "predictions.json"
# Ten times what an answers.toml of the kit has; finding the line of a mistake is quadratic in them.
MAX_LINES = 500
MAX_BYTES = 50_000
UNANSWERED = frozenset({"?", ""})

Answer = str | int


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
    text = decoded(content)
    entries = parsed(text)
    known = {claim.name: claim for claim in claims}
    for name in entries:
        if name not in known:
            raise Malformed(
                f"`{name}` is none of the questions.",
                line=line_of(text, name),
                expected=f"The questions are {listed(known)}.",
                advice=_advice_on_unknown(name, entries[name], known),
            )
    return {name: value for name, value in entries.items() if not _is_unanswered(value)}


def holds_answers(content: bytes) -> bool:
    """Whether an answers.toml answers anything, be it as it may; one that cannot be read was meant to."""
    try:
        _check_size(content)
        return not all(_is_unanswered(value) for value in parsed(decoded(content)).values())
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
    text = decoded(content)
    value: Answer | None = parsed(text).get(claim.name)
    if value is None or _is_unanswered(value):
        return None
    _check_kind(claim, value, text)
    return value


def _is_unanswered(value: object) -> bool:
    return isinstance(value, str) and value.strip() in UNANSWERED


def _check_kind(claim: Claim, value: Any, text: str) -> None:
    several = _several(claim, value)
    if not claim.options and not (type(value) is int and 0 <= value <= MAX_NUMBER):
        expected = f"A whole number from 0 on, without quotation marks: `{claim.name} = 3`."
        advice = "The question asks how many: answer with the number, in digits."
    elif len(several) > 1:
        expected = f"One option, such as `{claim.name} = {json.dumps(several[0])}`."
        advice = "Decide for one of them; the report keeps the first prediction beside the last."
    elif claim.options and not (isinstance(value, str) and value in claim.options):
        expected = f"One of the options {listed(claim.options)}, in quotation marks."
        near = difflib.get_close_matches(str(value)[:SHOWN].lower(), claim.options, n=1)
        advice = f'Is "{near[0]}" meant?' if near else "The options stand above the question, in the file."
    else:
        return
    answer = f"{len(several)} options at once, {listed(several)}" if len(several) > 1 else kind_of(value)
    raise Malformed(
        f"`{claim.name}` is answered with {answer}.",
        line=line_of(text, claim.name),
        expected=expected,
        advice=advice,
    )


def _several(claim: Claim, value: object) -> Sequence[str]:
    parts = value if isinstance(value, list) else re.split(r"\W+", value) if isinstance(value, str) else ()
    return list(dict.fromkeys(part for part in parts if isinstance(part, str) and part in claim.options))


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
