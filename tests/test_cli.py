"""Bad use is one clear sentence and exit code 2; nothing is started for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import progress
from tests import report_samples as samples

KIT = Path(__file__).parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=KIT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "01_helo_kafka"], "Did you mean 01_hello_kafka?"),
        (["grade", "99"], "There is no exercise “99”."),
        (["grade", "0"], "may be any of"),
        (["grade", "--submission", "no/such/folder"], "There is no folder “no/such/folder” to grade."),
        (["grade", "--broker", "kafka"], "“kafka” is not a broker."),
        (["hint", "no_such"], "There is no exercise"),
        (["check-exercises", "no_such"], "There is no exercise"),
        (["check-exercises", "--renew-stubs"], "--renew-stubs wants the names of exercises."),
        (["hint"], "Name the exercise: `make hint EX=01_hello_kafka`."),
        (["solution"], "Name the exercise: `make solution EX=01_hello_kafka`."),
        (["reset", ""], "Name the exercise: `make reset EX=01_hello_kafka`."),
        (["handout", "."], "is not empty"),
        (["frobnicate"], "invalid choice"),
        ([], "required"),
    ],
)
def test_bad_use_is_one_sentence_and_code_2(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert 2 == done.returncode, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "" == done.stdout


@pytest.mark.parametrize("verb", ["grade", "doctor", "lab", "broker status", "watch"])
def test_a_python_without_the_packages_is_one_sentence_and_code_3(verb: str) -> None:
    command = [sys.executable, "-S", "-m", "grader", *verb.split()]
    done = subprocess.run(command, cwd=KIT, capture_output=True, text=True, timeout=60, check=False)
    assert (3, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert "has no package" in done.stderr
    assert "`.venv/bin/python -m grader …`" in done.stderr


def test_a_module_of_our_own_that_is_missing_is_a_fault_of_ours(tmp_path: Path) -> None:
    shutil.copytree(KIT / "grader", tmp_path / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "grader" / "gate.py").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "grader", "progress"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 1 == done.returncode
    assert "ImportError: cannot import name 'gate'" in done.stderr


def test_an_empty_submission_is_bad_use(tmp_path: Path) -> None:
    done = run("grade", "--submission", str(tmp_path))
    assert 2 == done.returncode
    assert "holds no exercise" in done.stderr


def test_a_solution_opens_once_its_exercise_has_passed(tmp_path: Path) -> None:
    closed = run("solution", "01", "--out", str(tmp_path))
    assert 2 == closed.returncode
    assert "opens once 01_hello_kafka has passed" in closed.stderr
    opened = run("solution", "01", "--out", str(tmp_path), "--force")
    assert 0 == opened.returncode
    assert (KIT / "solutions" / "01_hello_kafka" / "producer.py").read_text() == opened.stdout


def test_a_solution_of_several_files_names_each(tmp_path: Path) -> None:
    told = run("solution", "03", "--out", str(tmp_path), "--force").stdout
    headings = [line for line in told.splitlines() if line.startswith("--- ")]
    assert ["--- producer.py ---", "--- answers.toml ---", "--- explanation.md ---"] == headings


def test_hints_open_one_after_the_other(tmp_path: Path) -> None:
    told = [run("hint", "01", "--out", str(tmp_path)).stdout for _ in range(4)]
    assert ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"] == [
        text.splitlines()[1].split(":")[0] for text in told
    ]


def test_progress_names_every_exercise(tmp_path: Path) -> None:
    done = run("progress", "--out", str(tmp_path))
    assert 0 == done.returncode
    assert [path.parent.name for path in sorted((KIT / "exercises").glob("*/checks.py"))] == [
        line.split()[0] for line in done.stdout.splitlines()
    ]


def test_progress_that_is_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text("{")
    done = run("progress", "--out", str(tmp_path))
    assert 2 == done.returncode
    assert "progress.json is damaged." in done.stderr


def test_what_passed_opens_its_solution_though_another_exercise_was_graded_since(tmp_path: Path) -> None:
    progress.keep(tmp_path, samples.report_of(samples.right()))
    progress.keep(tmp_path, samples.report_of(samples.ten_keys()))
    assert 0 == run("solution", "01", "--out", str(tmp_path)).returncode
    assert 2 == run("solution", "05", "--out", str(tmp_path)).returncode


def test_progress_tells_a_pass_though_the_stub_is_back(tmp_path: Path) -> None:
    progress.keep(
        tmp_path, samples.report_of(samples.right(), samples.ten_keys(), samples.scattered_orders())
    )
    progress.keep(tmp_path, samples.report_of(samples.untouched(), samples.untouched("04_acks")))
    told = [" ".join(line.split()) for line in run("progress", "--out", str(tmp_path)).stdout.splitlines()]
    assert [
        "01_hello_kafka passed before; now not begun 0/9 best 9/9",
        "02_message_keys passed 9/9",
        "03_partition_stickiness failed 7/9",
        "04_acks not begun 0/9",
        "05_json_reviews not graded yet",
    ] == told[:5]
    assert 0 == run("solution", "01", "--out", str(tmp_path)).returncode
    assert 2 == run("solution", "04", "--out", str(tmp_path)).returncode
