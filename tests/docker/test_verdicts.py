"""The same program gets the same verdict whatever the broker, but for checks that are blocked there."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader import exercise, offers
from grader.broker import Offer
from grader.broker.docker import DockerBroker
from grader.broker.external import ExternalBroker
from grader.broker.node import free_ports
from grader.exercise import KIT
from tests.corpus import FOLDER
from tests.docker import compose

pytestmark = [pytest.mark.docker, pytest.mark.broker, pytest.mark.timeout(900)]

SEED = 5
GRADING_LIMIT_S = 400
# The model solutions, then for each exercise one program of the corpus that is wrong on purpose, and another.
ROUNDS = ("solutions", 0, pytest.param(1, marks=pytest.mark.whole))

Outcomes = dict[str, dict[str, tuple[str, int]]]


@pytest.fixture(scope="module")
def compose_broker(engine: Any) -> Iterator[str]:
    """Return the address of a broker from the compose file."""
    if compose.program() is None:
        pytest.skip("compose is not installed: neither `docker compose` nor docker-compose")
    (port,) = map(str, free_ports(1))
    try:
        compose.up(engine, 1, {"KAFKA_PORT": port})
        yield f"localhost:{port}"
    finally:
        compose.down()


@pytest.fixture(scope="module", params=ROUNDS, ids=str)
def submission(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a submission of every exercise."""
    if request.param == "solutions":
        return KIT / "solutions"
    folder = tmp_path_factory.mktemp("submission")
    for each in exercise.ids():
        programs = sorted(path for path in (FOLDER / each).glob("*") if (path / "producer.py").exists())
        if programs:
            shutil.copytree(programs[request.param % len(programs)], folder / each)
    return folder


@pytest.fixture(scope="module")
def local(submission: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Return the verdicts against the kit's own broker."""
    return graded(submission, "local", tmp_path_factory.mktemp("local"))


def graded(submission: Path, broker: str, out: Path) -> Outcomes:
    """Grade as a user does, and return each check's outcome and points."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "grader", "grade", *sorted(path.name for path in submission.iterdir())),
            *("--submission", submission, "--out", out, "--seed", str(SEED), "--broker", broker),
        ],
        cwd=KIT,
        capture_output=True,
        text=True,
        check=False,
        timeout=GRADING_LIMIT_S,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    report: Mapping[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert report["complete"]
    return {
        each["id"]: {check["id"]: (check["outcome"], check["points"]) for check in each["checks"]}
        for each in report["exercises"]
    }


@pytest.mark.usefixtures("engine")
def test_a_container_gives_the_same_but_for_what_is_blocked(
    submission: Path, local: Outcomes, tmp_path: Path
) -> None:
    assert as_given(local, DockerBroker.offer) == graded(submission, "docker", tmp_path)


def test_compose_gives_the_same_but_for_what_is_blocked(
    submission: Path, local: Outcomes, compose_broker: str, tmp_path: Path
) -> None:
    assert as_given(local, ExternalBroker.offer) == graded(submission, compose_broker, tmp_path)


def as_given(local: Outcomes, offer: Offer) -> Outcomes:
    """Return the verdicts as they are where a broker gives this: blocked what is declared blocked there."""
    found: Outcomes = {}
    for name, outcomes in local.items():
        blocked = {check.id for check, _ in offers.blocked(exercise.load(name, seed=SEED), offer)}
        found[name] = {id_: ("blocked", 0) if id_ in blocked else seen for id_, seen in outcomes.items()}
    return found
