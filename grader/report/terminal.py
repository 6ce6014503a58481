"""A report in a terminal: one exercise on one screen, several as a list; our own signs are plain ASCII.

Without colour nothing is lost, since every outcome is a word. Control characters never reach the terminal.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import ExerciseReport, Feedback, Outcome, Report
from grader.report import reading
from grader.report.text import one_line, visible

SCREEN_LINES = 22  # of 24: a line for the report's path, one for the prompt
NARROWEST = 40
WORDS = {
    "passed": "passed",
    "failed": "FAILED",
    "blocked": "blocked",
    "error": "ERROR",
    "not_attempted": "not begun",
}
COLOURS = {"passed": "32", "failed": "1;31", "blocked": "2", "error": "1;33", "not_attempted": "2"}
BOLD, DIM = "1", "2"
INDENT, TERM_WIDTH = 11, 9
TO_STUDENT = "Not complete, by no fault of yours: grade again."
TO_AUTHOR = "Not complete: what is named above kept checks from being judged."
TRACEBACK = "Traceback (most recent"
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


def summary(report: Report, *, width: int, colour: bool, author: bool = False) -> str:
    """Return a report for a terminal of `width` columns.

    Args:
        author: Whether an author of exercises reads it: then what failed may well be the reader's.
    """
    screen = Screen(max(NARROWEST, width), colour, author)
    body = _one(report.exercises[0], screen) if len(report.exercises) == 1 else _several(report, screen)
    return "\n".join([*body, "", *_end(report, screen)])


@dataclass(frozen=True)
class Screen:
    """What the terminal can show, and to whom."""

    width: int
    colour: bool
    author: bool = False

    def paint(self, text: str, code: str) -> str:
        """Return text in a colour, where there are colours."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def word(self, outcome: str, columns: int) -> str:
        """Return an outcome's word, padded."""
        return self.paint(WORDS[outcome].ljust(columns), COLOURS[outcome])

    def row(self, head: str, head_columns: int, text: str, tail: str) -> str:
        """Return one line: head, as much of a text as fits, and a tail at the right edge."""
        room = self.width - head_columns - len(tail) - 2
        middle = fitted(text, room)
        return f"{head}{middle}{' ' * (room - columns(middle) + 2)}{tail}"


def _one(exercise: ExerciseReport, screen: Screen) -> list[str]:
    """Return one exercise: every check, the first failed one in full; shortened until it fits a screen."""
    first = reading.first_failed(exercise)
    name = fitted(exercise.id, screen.width // 2) + "  "
    heading = screen.row(name, columns(name), exercise.title, _points(exercise.score, exercise.max_score))
    trouble = _trouble(exercise, screen, 6)
    checks = [_check(each, screen, here=each is first) for each in exercise.outcomes]
    room = SCREEN_LINES - 6 - len(trouble)
    if len(checks) + (3 if first else 0) > room:
        checks = list(_gathered(exercise, first, screen))
    lines = []
    for line, outcome in checks:
        lines.append(line)
        if outcome is not None and outcome is first:
            lines += _feedback(outcome.feedback, screen, room - len(checks))
    return [screen.paint(heading, BOLD), "", *trouble, *lines]


def _check(outcome: Outcome, screen: Screen, *, here: bool) -> tuple[str, Outcome | None]:
    head = ("> " if here else "  ") + screen.word(outcome.outcome, INDENT - 2)
    tail = _points(outcome.points, outcome.check.max_points)
    return screen.row(head, INDENT, outcome.check.title, tail), outcome


def _gathered(
    exercise: ExerciseReport, first: Outcome | None, screen: Screen
) -> Iterator[tuple[str, Outcome | None]]:
    """Yield a line an outcome, for more checks than a screen has lines; the first failed one is whole."""
    for kind in reading.OUTCOMES:
        group = [each for each in exercise.outcomes if each.outcome == kind]
        if kind == "failed" and first:
            yield _check(first, screen, here=True)
            group = [each for each in group if each is not first]
        if group:
            told = f"{len(group)} {'more ' if kind == 'failed' else ''}check{'s' if len(group) > 1 else ''}"
            tail = _points(sum(each.points for each in group), sum(each.check.max_points for each in group))
            yield screen.row("  " + screen.word(kind, INDENT - 2), INDENT, told, tail), None


def _several(report: Report, screen: Screen) -> list[str]:
    """Return several exercises: a line each, below it the first failed check of each, a line a part."""
    lines = []
    names = max((columns(one_line(each.id)) for each in report.exercises), default=0) + 2
    firsts = [reading.first_failed(exercise) for exercise in report.exercises]
    room = (SCREEN_LINES - 3 - len(firsts)) // max(1, len(firsts) - firsts.count(None))
    for exercise, first in zip(report.exercises, firsts, strict=True):
        head = fitted(exercise.id, names - 2).ljust(names) + screen.word(exercise.outcome, INDENT)
        tail = _points(exercise.score, exercise.max_score)
        lines.append(screen.row(head, names + INDENT, first.check.title if first else exercise.title, tail))
        lines += _trouble(exercise, screen, 2)
        if first:
            lines += _feedback(first.feedback, screen, max(3, min(6, room)))
    return lines


def _trouble(exercise: ExerciseReport, screen: Screen, lines: int) -> list[str]:
    if exercise.outcome != "error":
        return []
    text = exercise.trouble or "Not judged: the grading was cut short."
    indent = " " * INDENT
    whose = [] if screen.author else wrapped(reading.OURS, screen.width - INDENT, 2)
    said = whose + wrapped(text, screen.width - INDENT, lines)
    return [screen.paint(indent + line, COLOURS["error"]) for line in said]


def _feedback(feedback: Feedback, screen: Screen, lines: int) -> list[str]:
    """Return seen, expected and advice on at most so many lines; what was seen gets what is left over."""
    parts = {"seen": feedback.seen, "expected": feedback.expected, "advice": feedback.advice}
    said = {name: text for name, text in parts.items() if text.strip()}
    room = screen.width - INDENT - TERM_WIDTH - 1
    wanted = {name: len(wrapped(text, room, lines)) for name, text in said.items()}
    granted = dict.fromkeys(said, 1)
    for _ in range(lines - len(said)):
        short = [name for name in said if granted[name] < wanted[name]]
        if short:
            granted[min(short, key=lambda name: granted[name])] += 1
    found = []
    for name, text in said.items():
        for number, line in enumerate(wrapped(text, room, granted[name])):
            term = screen.paint((name if number == 0 else "").ljust(TERM_WIDTH + 1), DIM)
            found.append(" " * INDENT + term + line)
    return found


def _end(report: Report, screen: Screen) -> list[str]:
    score = f"{report.score} of {report.max_score} points"
    lines = [screen.paint(f"{score}   seed {report.seed}", BOLD)]
    if not report.complete:
        said = TO_AUTHOR if screen.author else TO_STUDENT
        lines.append(screen.paint(fitted(said, screen.width), COLOURS["error"]))
    begin = reading.start(report)
    if begin is None or (begin.outcome is not None and len(report.exercises) == 1):
        return lines
    if begin.outcome is None and begin.exercise.outcome == "not_attempted":
        told = f"Next: {begin.exercise.id}: open its producer.py and follow the TODO."
    elif begin.outcome is None:
        told = f"Next: {begin.exercise.id}: some checks could not be judged under these conditions."
    else:
        told = f"Start here: {begin.exercise.id}: {begin.outcome.check.title}"
    return [*lines, fitted(told, screen.width)]


def _points(points: int, max_points: int) -> str:
    return f"{points}/{max_points}".rjust(5)


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
    return line if columns(line) <= room else _cut(line, max(0, room - 3)) + "..."


def wrapped(text: str, room: int, limit: int) -> list[str]:
    """Return a text on at most so many lines, with dots where something is left out.

    Of a traceback the end is kept, where its cause stands.
    """
    lines = [line for each in _plain(text).split("\n") if each.strip() for line in _wrapped_line(each, room)]
    if len(lines) <= limit:
        return lines
    begun = next((number for number, line in enumerate(lines) if line.startswith(TRACEBACK)), limit)
    head = max(1, min(begun, limit - 3))
    if begun < limit and limit > head + 1:
        return [*lines[:head], "...", *lines[head + 1 - limit :]]
    last = lines[limit - 1]
    return [*lines[: limit - 1], (last if columns(last) <= room - 4 else _cut(last, room - 4)) + " ..."]


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
