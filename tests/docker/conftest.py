"""An engine for these tests, and the certainty that nothing is left on it."""

import os
import time
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

from grader.broker.container import IMAGE, LABEL

GONE_LIMIT_S = 20.0


@pytest.fixture(scope="session")
def engine() -> Iterator[Any]:
    """Return a client of the engine; skip where none answers, and fail where root in CI could start one."""
    how = "run: python -m tests.docker.engine python -m pytest -m docker"
    try:
        client = docker.from_env()
        client.images.get(IMAGE)
    except ImageNotFound:
        client.images.pull(IMAGE)
    except DockerException:
        if "CI" in os.environ and os.geteuid() == 0:
            pytest.fail(f"no Docker engine answers, though root could have started one; {how}")
        pytest.skip(f"no Docker engine answers; {how}")
    yield client
    client.close()


def left(client: Any) -> dict[str, list[str]]:
    """Return what is on the engine of the kit's, and all volumes and networks."""
    return {
        "containers": [each.id for each in client.containers.list(all=True, filters={"label": LABEL})],
        "volumes": sorted(each.id for each in client.volumes.list()),
        "networks": sorted(each.name for each in client.networks.list()),
    }


@pytest.fixture
def nothing_left(engine: Any) -> Iterator[Any]:
    """Hold a test to leaving no container, volume or network; return the engine's client."""
    before = left(engine)
    yield engine
    await_left(engine, before)


def await_left(client: Any, expected: dict[str, list[str]]) -> None:
    """Wait until the engine holds this and no more."""
    deadline = time.monotonic() + GONE_LIMIT_S
    while left(client) != expected:
        assert time.monotonic() < deadline, left(client)
        time.sleep(0.05)
