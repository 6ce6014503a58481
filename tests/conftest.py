"""What several test files need: a small exercise in a folder of its own, and evidence for it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from grader import archive
from grader.model import Evidence, Exit, Record, Run, Scenario, Submission, Topic

# `make check ARGS=…` hands its own arguments down to every make that a test says.
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS", "EX", "DIR", "PYTHON"):
    os.environ.pop(name, None)

# How long an example takes says something of the machine, not of the code.
settings.register_profile("kit", deadline=None)
settings.load_profile("kit")

CHECKS = '''
import os, sys, time
from grader import Scenario, Topic, advises, after, expect, points, under


def healthy(draw):
    return Scenario(name="healthy", title="the path is free", topics=(Topic("t", draw.randint(3, 12)),))


def broken(draw):
    return Scenario(name="broken", title="not to be had", topics=(Topic("t", 3),))


@points(2)
@under(healthy)
def check_one_record(evidence):
    """One record is stored."""
    if len(evidence.records) != 1:
        expect.fail(f"{len(evidence.records)} records are stored.", expected="One.", advice="Send one.")


@points(3)
@under(healthy)
@after(check_one_record)
def check_value(evidence):
    """The value is right."""
    value = evidence.records[0].value
    if value == b"raise":
        raise RuntimeError("a fault of the check itself")
    if value == b"hang":
        time.sleep(60)
    if value == b"crash":
        os._exit(7)
    if value != b"right":
        expect.fail(f"The value is {value!r}.", expected="right", advice="")


@points(1)
@under(broken)
def check_broken(evidence):
    """Conditions that may not be had."""


@advises
@under(healthy)
def remarks(evidence):
    """Remarks."""
    yield f"{len(evidence.records)} seen"
'''


def pytest_addoption(parser: pytest.Parser) -> None:
    """Choose how much of the corpus is graded."""
    parser.addoption(
        "--corpus", choices=("quick", "odd", "even", "all"), default="quick", help="which programs are graded"
    )
    parser.addoption("--seed", type=int, default=1, help="the seed of the corpus's gradings")
    parser.addoption("--broker", choices=("local", "docker"), default="local", help="what it is graded on")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to CI what takes long and seldom breaks."""
    if config.getoption("--corpus") == "quick":
        for item in items:
            if item.get_closest_marker("whole"):
                item.add_marker(pytest.mark.skip(reason="takes long: run with --corpus odd, even or all"))


@pytest.fixture
def exercise_folder(tmp_path: Path) -> Path:
    """Return a folder that holds one small exercise, `01_small`."""
    home = tmp_path / "exercises" / "01_small"
    home.mkdir(parents=True)
    (home / "README.md").write_text("# A small exercise\n")
    (home / "producer.py").write_text("# TODO\n")
    (home / "checks.py").write_text(CHECKS)
    return home.parent


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    """Return a maker of evidence: one record a value, stored by a program that ended well."""

    def make(*values: bytes, exit_code: int = 0, scenario: str = "healthy") -> Evidence:
        return Evidence(
            submission=Submission("01_small", {"producer.py": b"print()"}, "0" * 64),
            scenario=Scenario(name=scenario, title="the path is free", topics=(Topic("t", 3),)),
            run=Run(Exit("exited", exit_code), b"", b"", 0.3, 30.0),
            records=tuple(Record("t", 0, number, 1, None, value) for number, value in enumerate(values)),
            requests=(),
            topics={"t": 3},
            bootstrap_servers="127.0.0.1:1",
        )

    return make


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Evidence], Path]:
    """Return a function that saves evidence of `01_small` and returns the folder of all evidence."""

    def save(made: Evidence) -> Path:
        archive.save(made, tmp_path / "evidence" / "01_small" / f"{made.scenario.name}.json")
        return tmp_path / "evidence"

    return save
