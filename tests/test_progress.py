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
