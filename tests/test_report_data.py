"""results.json: the contract with other tools, held against its written schema."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.model import Exit, Feedback, Record, Report, Run
from grader.report.data import data
from tests import report_samples as samples

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "results.schema.json").read_text())
CONTRACT = {
    "": {"schema", "complete", "score", "max_score", "seed", "kit_version", "environment", "exercises"},
    "environment": {"python", "kafka_python", "kafka", "broker", "isolation"},
    "exercise": {"id", "outcome", "score", "max_score", "digest", "checks", "advice", "scenarios"},
    "check": {
        *("id", "title", "outcome", "points", "max_points"),
        *("seen", "expected", "advice", "scenario"),
    },
    "scenario": {"name", "exit", "stdout", "stderr", "duration_s"},
    "exit": {"status", "code", "signal"},
}


def written(report: Report) -> Any:
    """Return what a reader of the file gets; half surrogates would fail here, as they would in a file."""
    return json.loads(json.dumps(data(report), ensure_ascii=False, allow_nan=False).encode())


REPORTS = {
    "right": samples.report_of(samples.right()),
    "no flush": samples.report_of(samples.no_flush()),
    "crashed": samples.report_of(samples.crashed()),
    "error": samples.report_of(samples.broken_grader()),
    "untouched": samples.report_of(samples.untouched()),
    "hostile": samples.report_of(samples.hostile()),
    "many records": samples.report_of(samples.scattered_orders(2_000)),
    "predicted": samples.report_of(samples.predicted()),
    "nine": samples.nine(),
    "empty": samples.report_of(),
}
EVERY = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@EVERY
def test_every_report_is_valid(report: Report) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(written(report))


def test_the_schema_demands_what_the_contract_names() -> None:
    definitions = SCHEMA["$defs"]
    demanded = {
        "": set(SCHEMA["required"]),
        "environment": set(SCHEMA["properties"]["environment"]["required"]),
        "exit": set(definitions["scenario"]["properties"]["exit"]["required"]),
        **{name: set(definitions[name]["required"]) for name in ("exercise", "check", "scenario")},
    }
    assert CONTRACT == demanded


@EVERY
def test_every_declared_check_appears_once_whatever_became_of_it(report: Report) -> None:
    declared = [(each.id, [one.check.id for one in each.outcomes]) for each in report.exercises]
    found = [(each["id"], [one["id"] for one in each["checks"]]) for each in written(report)["exercises"]]
    assert declared == found


@EVERY
def test_points_add_up(report: Report) -> None:
    found = written(report)
    for exercise in found["exercises"]:
        assert exercise["score"] == sum(each["points"] for each in exercise["checks"])
        assert exercise["max_score"] == sum(each["max_points"] for each in exercise["checks"])
    assert found["score"] == sum(each["score"] for each in found["exercises"])
    assert found["max_score"] == sum(each["max_score"] for each in found["exercises"])


def test_a_report_that_is_not_complete_says_so_and_loses_no_check() -> None:
    found = written(REPORTS["error"])
    assert found["complete"] is False
    exercise = found["exercises"][0]
    assert "error" == exercise["outcome"]
    assert ["passed", "passed", "passed", "error", "blocked"] == [
        each["outcome"] for each in exercise["checks"]
    ]
    assert exercise["trouble"].startswith("The broker ended while it was needed.")
    assert ["healthy"] == [each["name"] for each in exercise["scenarios"]]


def test_the_first_failed_check_is_the_place_to_start() -> None:
    assert "delivered" == written(REPORTS["no flush"])["exercises"][0]["start"]
    assert None is written(REPORTS["right"])["exercises"][0]["start"]


def test_a_blocked_check_names_what_it_hangs_on() -> None:
    checks = written(REPORTS["crashed"])["exercises"][0]["checks"]
    assert [[], ["program_ends"], ["one_record"], ["one_record"], ["delivered"]] == [
        each["hangs_on"] for each in checks
    ]


def test_a_run_is_told_as_it_ended() -> None:
    run = Run(Exit("signalled", None, "SIGSEGV"), b"\x1b[0m\xff", b"", 1.23456, 30.0, 9_000, 0)
    exercise = samples.exercise_of(evidence={"healthy": samples.evidence_of(run=run)})
    scenario = written(samples.report_of(exercise))["exercises"][0]["scenarios"][0]
    assert {"status": "signalled", "code": None, "signal": "SIGSEGV"} == scenario["exit"]
    assert "\x1b[0m\\xff" == scenario["stdout"]
    assert (9_000, 0) == (scenario["stdout_bytes"], scenario["stderr_bytes"])
    assert 1.235 == scenario["duration_s"]


def test_records_are_counted_by_topic_and_partition_the_empty_ones_too() -> None:
    records = (*samples.hello(), Record("test_topci", 1, 0, 1, None, b""))
    evidence = replace(
        samples.evidence_of(records=records), topics={"test_topic": 3, "test_topci": 2, "untouched": 1}
    )
    report = samples.report_of(samples.exercise_of(evidence={"healthy": evidence}))
    assert {"test_topic": {"0": 0, "1": 1, "2": 0}, "test_topci": {"0": 0, "1": 1}} == written(report)[
        "exercises"
    ][0]["scenarios"][0]["records"]


def test_without_a_request_log_there_are_no_requests_rather_than_none_seen() -> None:
    evidence = replace(samples.evidence_of(), request_log=False, requests=(), traffic=None)
    scenario = written(samples.report_of(samples.exercise_of(evidence={"healthy": evidence})))["exercises"][
        0
    ]["scenarios"][0]
    assert (None, None) == (scenario["requests"], scenario["relay"])


def test_half_a_surrogate_pair_does_not_spoil_the_file() -> None:
    spoilt = samples.exercise_of({"value": ("failed", Feedback("\ud800", "\udfff", ""))}, advice=("\ud800",))
    found = written(samples.report_of(spoilt))["exercises"][0]
    assert "\\ud800" == found["checks"][2]["seen"]
    assert ["\\ud800"] == found["advice"]


def test_written_answers_stand_beside_what_was_measured() -> None:
    exercise = written(REPORTS["predicted"])["exercises"][0]
    assert [
        ("6", "1", "1", True),
        ("", "“one” (all to one partition)", "“spread” (over the partitions)", False),
    ] == [
        (each["first"], each["last"], each["truth"], each["correct"])
        for each in (check["prediction"] for check in exercise["checks"])
        if each
    ]
    assert (None, 3) == (exercise["explanation"]["teacher_points"], exercise["explanation"]["teacher_max"])
    assert (6, 9) == (exercise["score"], exercise["max_score"])
