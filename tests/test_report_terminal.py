"""The summary in a terminal: fits a screen, is read without colour, and moves no cursor."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import Check, CheckOutcome, ExerciseReport, Feedback, Report
from grader.report.terminal import columns, fitted, summary, wrapped
from tests import report_samples as samples

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LINES, COLUMNS = 24, 80
LONG = Feedback("What was seen goes on. " * 60, "What was expected. " * 40, "Try this. " * 80)


def plain(report: Report, width: int = COLUMNS) -> str:
    return summary(report, width=width, colour=False)


ONE = {
    "right": samples.right(),
    "no flush": samples.no_flush(),
    "crashed": samples.crashed(),
    "error": samples.broken_grader(),
    "untouched": samples.untouched(),
    "hostile": samples.hostile(),
    "long": samples.exercise_of({"value": ("failed", LONG)}),
    "long trouble": replace(samples.broken_grader(), trouble="Something long. " * 90),
}


@pytest.mark.parametrize("width", [40, 80, 132])
@pytest.mark.parametrize("exercise", ONE.values(), ids=ONE.keys())
def test_one_exercise_fits_a_screen(exercise: ExerciseReport, width: int) -> None:
    lines = plain(samples.report_of(exercise), width).split("\n")
    assert LINES - 2 >= len(lines)
    assert width >= max(map(columns, lines))


def many_checks(outcomes: dict[int, CheckOutcome]) -> Report:
    checks = [Check(f"c{number}", f"Fact {number} holds.", 1, ("healthy",)) for number in range(30)]
    given_outcomes = {f"c{number}": (outcome, LONG) for number, outcome in outcomes.items()}
    return samples.report_of(samples.exercise_of(given_outcomes, checks=checks))


def test_an_exercise_of_many_checks_is_gathered_and_still_fits() -> None:
    lines = plain(many_checks({7: "failed", 8: "failed", 9: "blocked"})).split("\n")
    assert LINES - 2 >= len(lines)
    assert ["passed", "FAILED", "FAILED", "blocked"] == [
        word for line in lines for word in re.findall(r"^[> ] (passed|FAILED|blocked)", line)
    ]
    assert any(line.startswith("> FAILED   Fact 7 holds.") for line in lines)
    assert any("27 checks" in line and line.endswith("27/27") for line in lines)


def test_every_check_and_outcome_is_named() -> None:
    text = plain(samples.report_of(samples.no_flush()))
    for check in samples.CHECKS:
        assert check.title in text
    assert 3 == text.count("passed ")
    assert 1 == text.count("FAILED ")
    assert 1 == text.count("blocked ")


def test_the_first_failed_check_is_marked_and_explained() -> None:
    text = plain(samples.report_of(samples.no_flush()))
    marked = [line for line in text.split("\n") if line.startswith(">")]
    assert 1 == len(marked)
    assert "The record is stored although the path stalls." in marked[0]
    assert "seen      0 of 1 records are stored." in text
    assert "expected  1 record in `test_topic`" in text
    assert "advice    `send()` fills a buffer" in text


def test_of_a_traceback_the_end_is_kept() -> None:
    frames = "".join(f'  File "producer.py", line {number}, in f\n    f()\n' for number in range(40))
    traceback = f"Traceback (most recent call last):\n{frames}RecursionError: too deep\n"
    seen = f"It ended with exit code 1.\n\n{traceback}"
    report = samples.report_of(
        samples.exercise_of({"program_ends": ("failed", Feedback(seen, "Exit 0.", "Stop."))})
    )
    lines = [line.strip() for line in plain(report).split("\n")]
    assert "RecursionError: too deep" in lines
    assert "seen      It ended with exit code 1." in lines


def test_nine_exercises_are_a_line_each_and_the_first_failed_check_of_each() -> None:
    report = samples.nine()
    lines = plain(report).split("\n")
    assert LINES - 2 >= len(lines)
    for exercise in report.exercises:
        assert 1 == sum(line.startswith(exercise.id) for line in lines)
    assert 2 == sum(line.strip().startswith("seen") for line in lines)
    assert "Start here: 03_partition_stickiness: The value is the bytes of `Hello, Kafka!`." == lines[-1]
    assert 5 == sum("not begun" in line for line in lines)


def test_nine_failed_exercises_keep_seen_expected_and_advice_at_a_line_each() -> None:
    exercises = [replace(ONE["long"], id=f"0{number}_exercise") for number in range(1, 10)]
    lines = plain(samples.report_of(*exercises)).split("\n")
    for word in ("seen", "expected", "advice"):
        assert 9 == sum(line.strip().startswith(word) for line in lines)
    assert 9 * 4 + 3 == len(lines)


def test_a_fault_of_ours_is_said_to_be_ours() -> None:
    text = plain(samples.report_of(samples.broken_grader()))
    assert "not yours: no point is lost" in " ".join(text.split())
    assert "Free some memory" in text
    assert "Not complete, by no fault of yours: grade again." in text


def test_an_author_is_told_what_failed_and_not_whose_fault_it_is() -> None:
    trouble = "In 10_letters/checks.py line 23: ValueError: boom"
    error = replace(samples.broken_grader(), trouble=trouble)
    for report in (samples.report_of(error), samples.report_of(error, samples.right())):
        text = summary(report, width=COLUMNS, colour=False, author=True)
        assert trouble in text
        assert "yours" not in text
        assert "Not complete: what is named above kept checks from being judged." in text


def test_an_untouched_stub_is_told_where_to_begin() -> None:
    assert plain(samples.report_of(samples.untouched())).endswith(
        "Next: 01_hello_kafka: open its producer.py and follow the TODO."
    )


def test_nothing_is_left_to_do_when_all_points_are_earned() -> None:
    assert plain(samples.report_of(samples.right())).endswith("9 of 9 points   seed 4711")


@pytest.mark.parametrize("exercise", ONE.values(), ids=ONE.keys())
def test_colour_adds_nothing_but_colour(exercise: ExerciseReport) -> None:
    report = samples.report_of(exercise)
    coloured = summary(report, width=COLUMNS, colour=True)
    assert "\x1b[" in coloured
    assert plain(report) == COLOUR.sub("", coloured)


def test_our_own_signs_survive_a_terminal_that_knows_only_ascii() -> None:
    for name in ("right", "no flush", "crashed", "error", "untouched", "long"):
        assert plain(samples.report_of(ONE[name])).isascii()


def test_nothing_that_a_program_wrote_reaches_the_terminal_as_a_command() -> None:
    every = [*ONE.values(), replace(samples.untouched(), id="\x1b]0;x\x07", title="\x9b2J\u202e")]
    for report in (samples.report_of(samples.hostile()), samples.report_of(*every)):
        text = plain(report)
        assert all(char.isprintable() or char == "\n" for char in text)


@settings(deadline=None)
@given(st.text(), st.integers(4, 60))
def test_a_fitted_line_never_is_wider_than_its_room(text: str, room: int) -> None:
    assert room >= columns(fitted(text, room))


@settings(deadline=None)
@given(st.text(), st.integers(8, 60), st.integers(1, 8))
def test_wrapped_text_never_is_wider_or_longer_than_its_room(text: str, room: int, limit: int) -> None:
    lines = wrapped(text, room, limit)
    assert limit >= len(lines)
    assert all(room >= columns(line) for line in lines)


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert [4, 1, 3] == [columns("鍵値"), columns("e\u0301"), columns("abc")]
