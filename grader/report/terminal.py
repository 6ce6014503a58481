"""A report in a terminal: one exercise on one screen, several as a list; our own signs are plain ASCII.

Without colour nothing is lost, since every outcome is a word. No title and no sentence is cut: what does not
fit a line goes on below, and of what does not fit a screen whole sentences are left out.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grader.model import CheckOutcome, ExerciseReport, Feedback, Outcome, Report
from grader.report import reading
from grader.report.lines import columns, fitted, least, wrapped
from grader.report.text import count, one_line

SCREEN_LINES = 22  # of 24: a line for the report's path, one for the prompt
NARROWEST = 40
NARROWEST_TITLE = 12  # columns; where a terminal leaves less, its lines are too wide instead
TITLE_LINES = 8  # of a longer one nobody wrote a title
FEEDBACK_LINES = 9  # for so many of feedback checks are folded; a longer one gets what is left
SEEN_LINES = 2  # where no more is told of a check
TROUBLE_LINES, DETAIL_LINES, CURE_LINES = 5, 2, 8
GRADE_AGAIN = "grade again"  # what some cures end with
TO_AUTHOR = "Not complete: what is named above kept checks from being judged."
LONGEST_SENTENCE = 8  # lines; a longer one is a program's, not ours
FOLDED: tuple[CheckOutcome, ...] = ("blocked", "error", "passed")  # in this order; a failed check never is
WORDS = {**reading.WORDS, "failed": "FAILED"}  # where there are no colours, it is seen first all the same
COLOURS = {"passed": "32", "failed": "1;31", "blocked": "2", "error": "1;33", "not_attempted": "2"}
BOLD, DIM = "1", "2"
WORD_WIDTH, TERM_WIDTH = 11, 9  # of the longest word, with a gap
INDENT = WORD_WIDTH + 2  # of the titles of checks
BELOW = 4  # less than the titles: what is said takes fewer lines so


def summary(report: Report, *, width: int, colour: bool, author: bool = False) -> str:
    """Return a report for a terminal of `width` columns.

    Args:
        author: Whether an author of exercises reads it: then what failed may well be the reader's.
    """
    screen = Screen(max(NARROWEST, width), colour, author)
    end = _end(report, screen)
    room = SCREEN_LINES - 1 - len(end)
    shown = (
        _one(report.exercises[0], screen, room)
        if len(report.exercises) == 1
        else _several(report, screen, room)
    )
    return "\n".join([*shown, "", *end])


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

    @property
    def below(self) -> int:
        """How many columns there are below a title."""
        return self.width - BELOW

    @property
    def said(self) -> int:
        """How many columns there are for what is said of a check."""
        return self.below - TERM_WIDTH - 1

    def row(self, head: str, head_columns: int, text: str, tail: str) -> list[str]:
        """Return head, a text as wide as there is room, and a tail at the right edge of the first line."""
        room = max(NARROWEST_TITLE, self.width - head_columns - len(tail) - 2)
        first, *more = wrapped(" ".join(text.split()), room, TITLE_LINES) or [""]
        gap = " " * (room - columns(first) + 2)
        return [f"{head}{first}{gap}{tail}", *(" " * head_columns + line for line in more)]


def _one(exercise: ExerciseReport, screen: Screen, room: int) -> list[str]:
    """Return one exercise: every check, the first failed one explained; folded until it fits a screen."""
    name = fitted(exercise.id, screen.width // 2) + "  "
    heading = screen.row(name, columns(name), exercise.title, _whole(exercise))
    above = [*(screen.paint(line, BOLD) for line in heading), "", *_trouble(exercise, screen)]
    below = _remarks(exercise, screen)
    return [*above, *_checks(exercise, screen, room - len(above) - len(below)), *below]


def _checks(exercise: ExerciseReport, screen: Screen, room: int) -> list[str]:
    first = reading.first_failed(exercise)
    told = _feedback(first.feedback, screen, FEEDBACK_LINES) if first else []
    rows: list[tuple[Outcome | None, list[str]]] = []
    for folds in range(len(FOLDED) + 1):
        rows = list(_rows(exercise, screen, FOLDED[:folds]))
        taken = sum(len(lines) for _, lines in rows)
        if taken + len(told) <= room:
            break
    told = _feedback(first.feedback, screen, room - taken) if first else []
    return [
        line for outcome, lines in rows for line in (*lines, *(told if first and outcome is first else ()))
    ]


def _rows(
    exercise: ExerciseReport, screen: Screen, folded: Collection[CheckOutcome]
) -> Iterator[tuple[Outcome | None, list[str]]]:
    """Yield the lines of each check; those of a folded outcome together, where the first of them stands."""
    first = reading.first_failed(exercise)
    for each in exercise.outcomes:
        group = [other for other in exercise.outcomes if other.outcome == each.outcome]
        if each.outcome in folded and len(group) > 1:
            if each is group[0]:
                yield None, _row(exercise, group, count(len(group), "check"), screen, here=False)
        else:
            yield each, _row(exercise, [each], each.check.title, screen, here=each is first)


def _row(
    exercise: ExerciseReport, group: list[Outcome], told: str, screen: Screen, *, here: bool
) -> list[str]:
    head = ("> " if here else "  ") + screen.word(reading.shown(exercise, group[0]), WORD_WIDTH)
    earned: int | None = sum(each.points for each in group)
    if all(reading.is_ours(exercise, each) for each in group):
        earned = None
    tail = _points(earned, sum(each.check.max_points for each in group))
    return screen.row(head, INDENT, told, tail)


def _remarks(exercise: ExerciseReport, screen: Screen) -> list[str]:
    """Return a line on what is said of the whole exercise; the report has its words."""
    told = f"  {count(len(exercise.advice), 'remark')}: see the report."
    return [screen.paint(told, DIM)] if exercise.advice else []


def _several(report: Report, screen: Screen, room: int) -> list[str]:
    """Return several exercises: a line each, below it the first failed check of each.

    Where there is no room for more, only the exercise to start with has expectation and advice.
    """
    blocks = [_overview(each, report, screen) for each in report.exercises]
    firsts = [reading.first_failed(each) for each in report.exercises]
    share = (room - sum(map(len, blocks))) // max(1, len(firsts) - firsts.count(None))
    start = reading.start(report)
    lines: list[str] = []
    for exercise, block, first in zip(report.exercises, blocks, firsts, strict=True):
        lines += block
        if first is None:
            continue
        told = _feedback(first.feedback, screen, max(share, 3))
        if len(told) > max(share, 3) and not (start and exercise is start.exercise):
            told = _feedback(Feedback(seen=first.feedback.seen), screen, SEEN_LINES)
        lines += told
    return lines


def _overview(exercise: ExerciseReport, report: Report, screen: Screen) -> list[str]:
    names = max(columns(one_line(each.id)) for each in report.exercises) + 2
    head = fitted(exercise.id, names - 2).ljust(names) + screen.word(exercise.outcome, WORD_WIDTH)
    lines = screen.row(head, names + WORD_WIDTH, exercise.title, _whole(exercise))
    if exercise.outcome == "error":
        same = next(each for each in report.exercises if reading.trouble(each) == reading.trouble(exercise))
        what = reading.trouble(exercise).partition("\n")[0] if same is exercise else f"As {same.id}."
        lines += _ours(wrapped(what, screen.below, LONGEST_SENTENCE), screen)
    if first := reading.first_failed(exercise):
        lines += _term("check", wrapped(first.check.title, screen.said, TITLE_LINES), screen)
    return lines


def _trouble(exercise: ExerciseReport, screen: Screen) -> list[str]:
    """Return whose fault it is, what failed and what mends it; of the details some lines."""
    if exercise.outcome != "error":
        return []
    text = reading.trouble(exercise)
    what, cure, details = text.partition(exercise.cure) if exercise.cure else (text, "", "")
    said = [] if screen.author else wrapped(reading.OURS, screen.below, LONGEST_SENTENCE)
    said += wrapped(what + cure, screen.below, TROUBLE_LINES)
    return _ours([*said, *wrapped(details, screen.below, DETAIL_LINES)], screen)


def _ours(lines: list[str], screen: Screen) -> list[str]:
    return [screen.paint(" " * BELOW + line, COLOURS["error"]) for line in lines]


def _feedback(feedback: Feedback, screen: Screen, lines: int) -> list[str]:
    """Return seen, expected and advice on so many lines, on more where their first sentences need them."""
    parts = {"seen": feedback.seen, "expected": feedback.expected, "advice": feedback.advice}
    said = {name: text for name, text in parts.items() if text.strip()}
    granted = {name: min(LONGEST_SENTENCE, least(text, screen.said)) for name, text in said.items()}
    wanted = {name: len(wrapped(text, screen.said, lines)) for name, text in said.items()}
    for _ in range(lines - sum(granted.values())):
        short = [name for name in said if granted[name] < wanted[name]]
        if short:
            granted[min(short, key=lambda name: granted[name])] += 1
    found: list[str] = []
    spare = 0  # a sentence may need more lines than were left for it
    for name, text in said.items():
        shown = wrapped(text, screen.said, granted[name] + spare)
        spare += granted[name] - len(shown)
        found += _term(name, shown, screen)
    return found


def _term(name: str, lines: list[str], screen: Screen) -> list[str]:
    terms = [name, *[""] * (len(lines) - 1)]
    return [
        " " * BELOW + screen.paint(term.ljust(TERM_WIDTH + 1), DIM) + line
        for term, line in zip(terms, lines, strict=True)
    ]


def _end(report: Report, screen: Screen) -> list[str]:
    score = f"{_earned(reading.earned(report))} of {report.max_score} points"
    if unjudged := reading.unjudged_points(report):
        score += f", {unjudged} not judged"
    lines = [screen.paint(f"{score}   seed {report.seed}", BOLD)]
    if not report.complete:
        said = wrapped(TO_AUTHOR if screen.author else _what_to_do(report), screen.width, CURE_LINES)
        lines += [screen.paint(line, COLOURS["error"]) for line in said]
    begin = reading.start(report)
    if begin is None or (begin.outcome is not None and len(report.exercises) == 1):
        return lines
    if begin.outcome is None and begin.exercise.outcome == "not_attempted":
        told = f"Next: {begin.exercise.id}: open its producer.py and follow the TODO."
    elif begin.outcome is None:
        told = f"Next: {begin.exercise.id}: some checks could not be judged under these conditions."
    else:
        told = f"Start here: {begin.exercise.id}: {begin.outcome.check.title}"
    return [*lines, *wrapped(" ".join(told.split()), screen.width, TITLE_LINES)]


def _what_to_do(report: Report) -> str:
    cures = list(dict.fromkeys(each.cure for each in report.exercises if each.cure))
    if not cures:
        return "Not complete, by no fault of yours: grade again."
    again = "" if GRADE_AGAIN in cures[-1].lower() else " Then grade again."
    return f"Not complete, by no fault of yours. {' '.join(cures)}{again}"


def _whole(exercise: ExerciseReport) -> str:
    return _points(None if exercise.outcome == "error" else exercise.score, exercise.max_score)


def _points(points: int | None, max_points: int) -> str:
    """Return points at the right edge; None where nothing was judged, so that nothing is lost."""
    return f"{_earned(points)}/{max_points}".rjust(5)


def _earned(points: int | None) -> str:
    return "-" if points is None else f"{points}"
