"""Evidence on demand, for `pytest -p grader.plugin`: a scenario is run the first time it is asked for."""

import contextlib
from pathlib import Path

import pytest

from grader import exercise, session, submission
from grader.errors import ConditionsUnavailable
from grader.lane import Lane
from grader.model import Evidence
from grader.plugin import Unavailable

LANES = pytest.StashKey[dict[int, Lane]]()
EVIDENCE = pytest.StashKey[dict[tuple[str, str], Evidence]]()


def pytest_grader_evidence(config: pytest.Config, exercise_id: str, scenario: str) -> Evidence:
    """Run a scenario in a lane of this process, or return what it gave before."""
    known = config.stash.setdefault(EVIDENCE, {})
    if (exercise_id, scenario) not in known:
        known[exercise_id, scenario] = _run(config, exercise_id, scenario)
    return known[exercise_id, scenario]


def _run(config: pytest.Config, exercise_id: str, scenario: str) -> Evidence:
    loaded = exercise.load(exercise_id, seed=config.getoption("--grader-seed"))
    handed_in = submission.read(Path(config.getoption("--grader-submission")), loaded)
    conditions = next(each for each in loaded.rubric.scenarios if each.name == scenario)
    try:
        return _lane(config, conditions.brokers).run(handed_in, conditions)
    except ConditionsUnavailable as reason:
        raise Unavailable(reason.message) from reason


def _lane(config: pytest.Config, brokers: int) -> Lane:
    """Return the process's one lane of so many brokers."""
    lanes = config.stash.setdefault(LANES, {})
    if brokers not in lanes:
        held = contextlib.ExitStack()
        config.add_cleanup(held.close)
        lanes[brokers] = Lane(held.enter_context(session.workshop("local")), 1, brokers)
        held.callback(lanes[brokers].close)
    return lanes[brokers]
