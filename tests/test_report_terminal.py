"""The summary in a terminal: fits a screen, is read without colour, and moves no cursor."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import exercise
from grader.model import Check, CheckOutcome, ExerciseReport, Feedback, Report
from grader.report.lines import columns, fitted, least, wrapped
from grader.report.terminal import summary
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
@pytest.mark.parametrize("graded", ONE.values(), ids=ONE.keys())
def test_one_exercise_fits_a_screen(graded: ExerciseReport, width: int) -> None:
    lines = plain(samples.report_of(graded), width).split("\n")
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
    assert any(line.startswith("> FAILED     Fact 7 holds.") for line in lines)
    assert any("27 checks" in line and line.endswith("27/27") for line in lines)


def test_every_failed_check_is_named_with_its_points_though_the_screen_overflows() -> None:
    lines = plain(many_checks(dict.fromkeys(range(28), "failed"))).split("\n")
    for number in range(28):
        assert 1 == sum(f"FAILED     Fact {number} holds." in line and "0/1" in line for line in lines)
    assert 1 == sum(line.startswith(">") for line in lines)


def test_blocked_checks_are_folded_before_those_that_passed() -> None:
    checks = [Check(f"c{number}", f"Fact {number} holds.", 1, ("healthy",)) for number in range(30)]
    outcomes: dict[str, tuple[CheckOutcome, Feedback]] = {
        "c1": ("failed", samples.NO_FLUSH),
        **dict.fromkeys((f"c{number}" for number in range(11, 30)), ("blocked", Feedback())),
    }
    text = plain(samples.report_of(samples.exercise_of(outcomes, checks=checks)))
    assert "blocked    19 checks" in text
    assert 10 == text.count("passed     Fact")


def folding_is_needed_for(number: int) -> bool:
    checks = [Check(f"c{each}", f"Fact {each} holds.", 1, ("healthy",)) for each in range(number)]
    failed: dict[str, tuple[CheckOutcome, Feedback]] = {"c0": ("failed", samples.NO_FLUSH)}
    return "checks" in plain(samples.report_of(samples.exercise_of(failed, checks=checks)))


def test_nothing_is_folded_that_fits() -> None:
    assert [False, True] == [folding_is_needed_for(13), folding_is_needed_for(14)]


@pytest.mark.parametrize("width", [60, 80, 132])
def test_no_title_is_cut(width: int) -> None:
    title = "Where the address that answers first goes away, each partition gets its record all the same."
    checks = [Check("c", title, 2, ("healthy",)), Check("d", title.upper(), 2, ("healthy",))]
    failed: dict[str, tuple[CheckOutcome, Feedback]] = dict.fromkeys("cd", ("failed", samples.NO_FLUSH))
    long = samples.exercise_of(failed, checks=checks, title=f"About this: {title}")
    one, several = (
        " ".join(plain(samples.report_of(*each), width).split()) for each in ([long], [long, samples.right()])
    )
    for word in title.split():
        assert word in one
        assert word in several
    assert 0 == one.count("...")
    assert title.upper().rsplit(maxsplit=1)[-1] in one


def test_the_titles_of_the_exercises_fit_a_line_of_the_overview() -> None:
    loaded = [exercise.load(each, seed=1) for each in exercise.ids()]
    report = samples.report_of(*(samples.untouched(each.id, each.title) for each in loaded))
    lines = plain(report).split("\n")
    for each in loaded:
        assert 1 == sum(each.id in line and each.title in line for line in lines)


def test_what_is_said_of_the_whole_exercise_is_counted() -> None:
    assert "  1 remark: see the report." in plain(samples.report_of(samples.right())).split("\n")
    assert "10 remarks: see the report." in plain(samples.report_of(samples.hostile()))
    assert "remark" not in plain(samples.report_of(samples.no_flush()))


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
    for each in report.exercises:
        assert 1 == sum(line.startswith(each.id) for line in lines)
    assert 2 == sum(line.strip().startswith("seen") for line in lines)
    assert "Start here: 03_partition_stickiness: The value is the bytes of `Hello, Kafka!`." == lines[-1]
    assert 5 == sum("not begun" in line for line in lines)


def test_nine_failed_exercises_keep_seen_expected_and_advice_at_a_line_each() -> None:
    exercises = [replace(ONE["long"], id=f"0{number}_exercise") for number in range(1, 10)]
    lines = plain(samples.report_of(*exercises)).split("\n")
    for word in ("seen", "expected", "advice"):
        assert 9 == sum(line.strip().startswith(word) for line in lines)
    assert 9 * 5 + 3 == len(lines)


def test_of_many_failed_exercises_the_first_is_explained_and_of_the_others_what_was_seen() -> None:
    said = replace(samples.NO_FLUSH, expected="One record. " * 20, advice="Wait for what you have sent, " * 4)
    failed = samples.exercise_of({"delivered": ("failed", said)})
    exercises = [replace(failed, id=f"0{number}_exercise") for number in range(1, 10)]
    lines = [line.strip() for line in plain(samples.report_of(*exercises)).split("\n")]
    assert 9 == lines.count("check     The record is stored although the path stalls.")
    assert 9 == sum(line.startswith("seen      0 of 1 records are stored.") for line in lines)
    assert 1 == sum(line.startswith("advice") for line in lines)


def test_a_fault_of_ours_is_said_to_be_ours() -> None:
    text = plain(samples.report_of(samples.broken_grader()))
    assert "not yours: no point is lost" in " ".join(text.split())
    assert "Free some memory" in text
    assert "Not complete, by no fault of yours: grade again." in text


def with_port_taken(id: str = "01_hello_kafka") -> ExerciseReport:  # noqa: A002 - the field's own name
    taken = "Port 9092 is taken by process 4711 (java)."
    cure = "Stop what listens there, or read the address."
    ours: dict[str, tuple[CheckOutcome, Feedback]] = dict.fromkeys(
        (check.id for check in samples.CHECKS), ("error", Feedback(taken))
    )
    return samples.exercise_of(ours, id=id, trouble=f"{taken}\n{cure}\nListening: ::", cure=cure)


def test_what_was_not_judged_has_lost_no_point() -> None:
    text = plain(samples.report_of(with_port_taken()))
    assert "  -/9" in text.split("\n")[0]
    assert ["-/1", "-/2", "-/2", "-/3", "-/1"] == re.findall(r"^  not judged .* (\S+)$", text, re.MULTILINE)
    assert "- of 9 points, 9 not judged   seed 4711" in text
    partly = plain(samples.report_of(samples.broken_grader()))
    assert "5 of 9 points, 4 not judged   seed 4711" in partly
    assert ["-/1"] == re.findall(r"^  blocked .* (\S+)$", partly, re.MULTILINE)


def test_what_mends_it_is_the_last_that_is_said() -> None:
    text = " ".join(plain(samples.report_of(with_port_taken())).split())
    assert text.endswith(
        "by no fault of yours. Stop what listens there, or read the address. Then grade again."
    )
    again = replace(with_port_taken(), cure="Free some memory, then grade again.")
    text = " ".join(plain(samples.report_of(again)).split())
    assert text.endswith("by no fault of yours. Free some memory, then grade again.")


def test_one_trouble_of_several_exercises_is_told_once() -> None:
    both = [with_port_taken(), with_port_taken("02_message_keys"), samples.broken_grader()]
    text = plain(samples.report_of(*both))
    lines = text.split("\n")
    assert 1 == lines.count("    Port 9092 is taken by process 4711 (java).")
    assert 1 == lines.count("    As 01_hello_kafka.")
    assert 1 == lines.count("    The broker ended while it was needed.")
    assert 1 == " ".join(text.split()).count("Stop what listens there, or read the address.")


def test_an_author_is_told_what_failed_and_not_whose_fault_it_is() -> None:
    trouble = "In 10_letters/checks.py line 23: ValueError: boom"
    error = replace(samples.broken_grader(), trouble=trouble)
    for report in (samples.report_of(error), samples.report_of(error, samples.right())):
        text = summary(report, width=COLUMNS, colour=False, author=True)
        assert trouble in text
        assert "yours" not in text
        assert "Not complete: what is named above kept checks from being judged." in text


def test_an_untouched_stub_is_told_where_to_begin() -> None:
    text = plain(samples.report_of(samples.untouched()))
    assert text.endswith("Next: 01_hello_kafka: open its producer.py and follow the TODO.")
    assert (5, 0) == (text.count("  not begun  "), text.count("blocked"))


def test_nothing_is_left_to_do_when_all_points_are_earned() -> None:
    assert plain(samples.report_of(samples.right())).endswith("9 of 9 points   seed 4711")


@pytest.mark.parametrize("graded", ONE.values(), ids=ONE.keys())
def test_colour_adds_nothing_but_colour(graded: ExerciseReport) -> None:
    report = samples.report_of(graded)
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


def test_what_is_left_out_begins_with_a_sentence() -> None:
    text = "Key `c7` is on partitions 0, 2 and 5. 12 of 400 records are stored (3.5 s). The rest is not. Not."
    assert ["Key `c7` is on partitions 0, 2", "and 5. ..."] == wrapped(text, 30, 2)
    assert "stored (3.5 s). ..." == wrapped(text, 30, 3)[-1]
    assert 2 == least(text, 30)
    assert text.split() == " ".join(wrapped(text, 30, 4)).split()


def test_a_sentence_longer_than_any_is_cut_at_a_word() -> None:
    assert ["word word word word word word", "word word word word word ..."] == wrapped("word " * 400, 30, 2)


@settings(deadline=None)
@given(st.text(), st.integers(8, 60))
def test_with_as_many_lines_as_its_first_sentence_needs_a_text_is_cut_in_no_word(
    text: str, room: int
) -> None:
    sentence = "The first sentence is whole."
    shown = " ".join(wrapped(f"{sentence} {text}", room, least(f"{sentence} {text}", room)))
    assert all(word in shown for word in sentence.split() if columns(word) <= room)


@settings(deadline=None)
@given(st.text(), st.integers(8, 60), st.integers(1, 8))
def test_wrapped_text_never_is_wider_or_longer_than_its_room(text: str, room: int, limit: int) -> None:
    lines = wrapped(text, room, limit)
    assert limit >= len(lines)
    assert all(room >= columns(line) for line in lines)


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert [4, 1, 3] == [columns("鍵値"), columns("e\u0301"), columns("abc")]
