"""`pytest -p grader.plugin checks.py` in pytest's own style, on saved evidence and without a broker."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import Evidence

KIT = Path(__file__).parent.parent
Make = Callable[..., Evidence]
Save = Callable[[Evidence], Path]


def run(folder: Path, saved: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "grader.plugin", "-p", "no:cacheprovider", "-rA"]
    command += [f"--grader-evidence={saved}", *options, str(folder / "01_small" / "checks.py")]
    done = subprocess.run(command, cwd=KIT, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def test_a_right_program_passes(exercise_folder: Path, evidence: Make, saved: Save) -> None:
    output = run(exercise_folder, saved(evidence(b"right")))
    assert "3 passed" in output


def test_a_failed_check_shows_what_was_seen_and_blocks_what_hangs_on_it(
    exercise_folder: Path, evidence: Make, saved: Save
) -> None:
    output = run(exercise_folder, saved(evidence(b"one", b"two")))
    assert "2 records are stored." in output
    assert "Send one." in output
    assert "1 failed, 1 passed, 1 skipped, 1 error" in output
    assert "hangs on “One record is stored.”, which did not pass" in output


@pytest.mark.parametrize("value", [b"raise"])
def test_what_a_check_raises_beside_failure_is_an_error(
    exercise_folder: Path, evidence: Make, saved: Save, value: bytes
) -> None:
    output = run(exercise_folder, saved(evidence(value)))
    assert "a fault of the check itself" in output
    assert "0 failed" not in output
    assert "2 passed, 2 errors" in output


def test_missing_evidence_is_an_error_never_a_failure(
    exercise_folder: Path, evidence: Make, saved: Save
) -> None:
    output = run(exercise_folder, saved(evidence(b"right")))
    assert "There is no saved evidence" in output
    assert "failed" not in output.splitlines()[-1]
