"""The grader's own image: built without a network from what is in it, and grading in a container."""

import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.errors import ImageNotFound

from grader.exercise import KIT
from tests.docker.engine import PYTHON

pytestmark = [pytest.mark.docker, pytest.mark.broker, pytest.mark.timeout(600)]

TAG = "kafka-kit/grader-under-test"
KNOWS = """
from grader.broker import jars, training
assert jars.present(), "the jars are fetched anew"
assert not training.needed(), "the cache of the fast start is made anew"
print("ready")
"""
HAS_PACKAGES = """
import os, sys, sysconfig
tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
print(os.path.isdir(f"/opt/kafka-producers-kit/wheels/{tag}"))
"""


@pytest.fixture(scope="module")
def image(engine: Any) -> Iterator[str]:
    """Build the image as the Dockerfile says: over the stand-in for Python's where that is on the engine."""
    try:
        has_packages = engine.containers.run(PYTHON, ["python", "-c", HAS_PACKAGES], remove=True)
        options = ["--build-arg", f"PYTHON={PYTHON}", "--network", "none"]
    except ImageNotFound:
        options, has_packages = [], b"True\n"
    if has_packages != b"True\n":
        pytest.skip("the user's cache holds no packages for the Python of the stand-in image")
    built = subprocess.run(
        ["docker", "build", *options, "--tag", TAG, KIT], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    yield TAG
    engine.images.remove(TAG, force=True)


def test_nothing_is_fetched_when_it_runs(engine: Any, image: str) -> None:
    said = engine.containers.run(
        image, ["-c", KNOWS], entrypoint="/kit/.venv/bin/python", network_mode="none", remove=True
    )
    assert said == b"ready\n"


def test_only_the_kit_is_in_it(engine: Any, image: str) -> None:
    said = engine.containers.run(image, ["-A", "/kit"], entrypoint="ls", remove=True)
    assert {".venv", "environment", "exercises", "grader", "requirements.lock", "solutions"} == set(
        said.decode().split()
    )


def test_it_grades_the_model_solutions(engine: Any, image: str) -> None:
    """As the grader service does; the report is fetched from the stopped container."""
    name = min(path.name for path in (KIT / "solutions").iterdir())
    container = engine.containers.create(
        image,
        ["grade", name, "--submission", "/kit/solutions", "--out", "/tmp/report"],  # noqa: S108
        network_mode="none",
        working_dir="/tmp",  # noqa: S108
    )
    try:
        container.start()
        code = container.wait(timeout=300)["StatusCode"]
        assert code == 0, container.logs().decode()[-3000:]
        stream, _ = container.get_archive("/tmp/report/results.json")  # noqa: S108
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
            file = archive.extractfile("results.json")
            assert file is not None
            report = json.load(file)
    finally:
        container.remove(force=True, v=True)
    assert report["complete"]
    assert report["score"] == report["max_score"]
    assert [name] == [each["id"] for each in report["exercises"]]


def test_the_files_for_containers_name_the_kits_own_kafka() -> None:
    from grader.broker.container import IMAGE

    assert IMAGE in (KIT / "docker-compose.yml").read_text(encoding="utf-8")
    ignored = (KIT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    copied = {
        line.split()[1]
        for line in (KIT / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ")
    }
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied
    assert all(Path(KIT / each).exists() for each in copied)


def test_the_development_container_prepares_what_the_image_does() -> None:
    lines = (KIT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8").splitlines()
    settings = json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))
    dockerfile = (KIT / "Dockerfile").read_text(encoding="utf-8")
    for step in settings["onCreateCommand"].split(" && "):
        assert step in dockerfile.replace("$KAFKA_KIT_CACHE", "")
