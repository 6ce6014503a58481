"""The compose file, brought up and taken down as `make up` and `make down` do."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KIT = Path(__file__).resolve().parent.parent.parent
PROJECT = "kafka-kit-tests"
UP_LIMIT_S = 120.0


def program() -> list[str] | None:
    """Return how compose is called on this machine: as a plugin, else as the program of old."""
    asked = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if asked.returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else None


def compose(*arguments: str, **variables: str) -> str:
    """Run compose on the kit's file and return what it printed."""
    called = program()
    assert called is not None
    done = subprocess.run(
        [*called, "--project-name", PROJECT, *arguments],
        cwd=KIT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=UP_LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def up(client: Any, expected: int, variables: Mapping[str, str]) -> None:
    """Start the services and wait until so many containers are healthy."""
    compose("up", "--detach", **variables)
    deadline = time.monotonic() + UP_LIMIT_S
    while [each.attrs["State"]["Health"]["Status"] for each in containers(client)] != ["healthy"] * expected:
        assert time.monotonic() < deadline, [each.logs()[-2000:] for each in containers(client)]
        time.sleep(0.2)


def containers(client: Any) -> list[Any]:
    """Return the project's containers."""
    found: list[Any] = client.containers.list(
        all=True, filters={"label": f"com.docker.compose.project={PROJECT}"}
    )
    return found


def down() -> None:
    """Remove everything, whatever profile it belongs to."""
    compose("down", "--volumes", "--remove-orphans", COMPOSE_PROFILES="cluster,grader")
