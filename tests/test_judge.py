"""The judging process: outcomes stream out, a check that hangs or crashes takes only itself down."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import exercise
from grader.judge import Judge
from grader.model import Evidence, Outcome

Make = Callable[..., Evidence]
Save = Callable[[Evidence], Path]


def judged(folder: Path, saved: Path, **broken: str) -> tuple[dict[str, Outcome], Judge]:
    loaded = exercise.load("01_small", seed=1, folder=folder)
    judge = Judge([loaded], seed=1, folder=folder, environment={"PATH": os.defpath}, check_limit_s=2)
    judge.feed("01_small", "healthy", path=str(saved / "01_small" / "healthy.json"))
    judge.feed("01_small", "broken", **(broken or {"unavailable": "no faults here"}))
    seen: list[tuple[str, Outcome]] = []
    judge.outcomes(lambda each, outcome: seen.append((each, outcome)))
    judge.close()
    assert len(seen) == len({outcome.check.id for _, outcome in seen})
    return {outcome.check.id: outcome for _, outcome in seen}, judge


def shape(outcomes: dict[str, Outcome]) -> dict[str, Any]:
    return {each: outcome.outcome for each, outcome in outcomes.items()}


def test_every_declared_check_gets_one_outcome(exercise_folder: Path, evidence: Make, saved: Save) -> None:
    outcomes, judge = judged(exercise_folder, saved(evidence(b"right")))
    assert {"one_record": "passed", "value": "passed", "broken": "blocked"} == shape(outcomes)
    assert [2, 3, 0] == [outcome.points for outcome in outcomes.values()]
    assert ["1 seen"] == judge.remarks["01_small"]
    assert "no faults here" in outcomes["broken"].feedback.seen


def test_feedback_crosses_the_process(exercise_folder: Path, evidence: Make, saved: Save) -> None:
    outcomes, _ = judged(exercise_folder, saved(evidence()), error="the broker is gone")
    assert {"one_record": "failed", "value": "blocked", "broken": "error"} == shape(outcomes)
    assert "0 records are stored." == outcomes["one_record"].feedback.seen
    assert "Send one." == outcomes["one_record"].feedback.advice
    assert "the broker is gone" in outcomes["broken"].feedback.seen


def test_a_remark_that_cannot_be_made_is_told_and_costs_nothing(
    exercise_folder: Path, evidence: Make, saved: Save
) -> None:
    checks = exercise_folder / "01_small" / "checks.py"
    checks.write_text(f"{checks.read_text()}    raise ValueError('boom')\n")
    outcomes, judge = judged(exercise_folder, saved(evidence(b"right")))
    assert [2, 3, 0] == [outcome.points for outcome in outcomes.values()]
    (seen, told) = judge.remarks["01_small"]
    assert "1 seen" == seen
    where = f"01_small/checks.py line {line_of(checks, 'boom')}"
    assert f"A remark could not be made, which costs no point. In {where}: ValueError: boom" == told


@pytest.mark.parametrize("value", [b"hang", b"crash", b"raise"])
def test_a_check_that_does_not_end_well_is_ours_and_alone(
    exercise_folder: Path, evidence: Make, saved: Save, value: bytes
) -> None:
    outcomes, _ = judged(exercise_folder, saved(evidence(value)))
    assert {"one_record": "passed", "value": "error", "broken": "blocked"} == shape(outcomes)
    assert 0 == outcomes["value"].points
    said = {b"hang": "within 2 s", b"crash": "ended early", b"raise": "a fault of the check itself"}
    assert said[value] in outcomes["value"].feedback.seen


def line_of(checks: Path, text: str) -> int:
    lines = checks.read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("raise ValueError('boom')", "ValueError: boom"),
        ("expect.one_record(None, 't')", "AttributeError: 'NoneType' object has no attribute 'of_topic'"),
    ],
)
def test_an_authors_own_error_is_named_with_its_file_and_line(
    exercise_folder: Path, evidence: Make, saved: Save, statement: str, said: str
) -> None:
    checks = exercise_folder / "01_small" / "checks.py"
    checks.write_text(checks.read_text().replace("value = evidence.records[0].value", statement))
    outcomes, _ = judged(exercise_folder, saved(evidence(b"right")))
    assert "error" == outcomes["value"].outcome
    where = f"01_small/checks.py line {line_of(checks, statement)}"
    assert f"In {where}: {said}" == outcomes["value"].feedback.seen


def test_what_no_line_of_the_exercise_led_to_names_none(
    exercise_folder: Path, evidence: Make, saved: Save
) -> None:
    outcomes, _ = judged(exercise_folder, saved(evidence(b"right")), path="no/such.json")
    assert outcomes["broken"].feedback.seen.startswith("FileNotFoundError: ")
