"""What has passed so far outlives the gradings of other exercises."""

import json
from pathlib import Path

import pytest

from grader import progress
from grader.errors import UsageError
from tests import report_samples as samples


def test_each_grading_enters_its_own_exercises(tmp_path: Path) -> None:
    progress.keep(tmp_path, samples.report_of(samples.right()))
    progress.keep(tmp_path, samples.report_of(samples.ten_keys()))
    known = progress.read(tmp_path)
    assert {samples.right().id: "passed", samples.ten_keys().id: samples.ten_keys().outcome} == {
        name: each.outcome for name, each in known.items()
    }
    first, right = known["01_hello_kafka"], samples.right()
    assert (right.score, right.max_score, True) == (first.score, first.max_score, first.has_passed)


def test_what_has_passed_once_stays_opened(tmp_path: Path) -> None:
    progress.keep(tmp_path, samples.report_of(samples.right()))
    progress.keep(tmp_path, samples.report_of(samples.no_flush()))
    standing = progress.read(tmp_path)["01_hello_kafka"]
    assert ("failed", True) == (standing.outcome, standing.has_passed)
    passed = [each.check.id for each in samples.no_flush().outcomes if each.outcome == "passed"]
    assert passed == list(standing.passed)


def test_what_could_not_be_judged_changes_nothing(tmp_path: Path) -> None:
    progress.keep(tmp_path, samples.report_of(samples.right()))
    before = progress.read(tmp_path)
    progress.keep(tmp_path, samples.report_of(samples.broken_grader()))
    assert before == progress.read(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"01": 3}', '{"01": {"outcome": "passed"}}'])
def test_a_damaged_file_is_named_and_begun_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / progress.FILE).write_text(content)
    with pytest.raises(UsageError, match="damaged"):
        progress.read(tmp_path)
    progress.keep(tmp_path, samples.report_of(samples.right()))
    assert ["01_hello_kafka"] == list(json.loads((tmp_path / progress.FILE).read_text()))


def test_the_best_result_is_kept_beside_the_latest(tmp_path: Path) -> None:
    progress.keep(tmp_path, samples.report_of(samples.crashed()))
    progress.keep(tmp_path, samples.report_of(samples.no_flush()))
    progress.keep(tmp_path, samples.report_of(samples.crashed()))
    standing = progress.read(tmp_path)["01_hello_kafka"]
    assert (0, 5, False) == (standing.score, standing.best_score, standing.has_passed)
    assert standing.has_been_better


def test_a_stub_put_back_forgets_no_pass(tmp_path: Path) -> None:
    progress.keep(tmp_path, samples.report_of(samples.right()))
    progress.keep(tmp_path, samples.report_of(samples.untouched()))
    standing = progress.read(tmp_path)["01_hello_kafka"]
    assert ("not_attempted", 0, 9, True) == (
        standing.outcome,
        standing.score,
        standing.best_score,
        standing.has_passed,
    )


@pytest.mark.parametrize(("has_passed", "best"), [(True, 9), (False, 5)])
def test_a_file_from_before_best_scores_were_kept_is_understood(
    tmp_path: Path, has_passed: bool, best: int
) -> None:
    entry = {"outcome": "failed", "score": 5, "max_score": 9, "passed": ["value"], "has_passed": has_passed}
    (tmp_path / progress.FILE).write_text(json.dumps({"01_hello_kafka": entry}))
    assert best == progress.read(tmp_path)["01_hello_kafka"].best_score
    progress.keep(tmp_path, samples.report_of(samples.untouched()))
    standing = progress.read(tmp_path)["01_hello_kafka"]
    assert ("not_attempted", best, has_passed) == (
        standing.outcome,
        standing.best_score,
        standing.has_passed,
    )
