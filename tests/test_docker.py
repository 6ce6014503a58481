"""What is said where there is no engine, and which engine is used."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from grader.broker import docker
from grader.broker.docker import DockerBroker, engine_address, explained
from grader.errors import BrokerError


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Name no engine, and let none be at the default place."""
    monkeypatch.setenv("DOCKER_HOST", "")
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setattr(docker, "DEFAULT_SOCKET", str(tmp_path / "docker.sock"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def listen(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    return server


def test_no_engine_is_said_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")
    with pytest.raises(BrokerError) as refused:
        DockerBroker(tmp_path / "broker", advertised="127.0.0.1:1")
    assert refused.value.message == f"No Docker engine answers at unix://{tmp_path}/nowhere.sock."
    assert "DOCKER_HOST" in refused.value.cure
    assert "leave --broker out" in refused.value.cure
    assert refused.value.exit_code == 3


def test_an_engine_elsewhere_that_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
    with pytest.raises(BrokerError, match=f"No Docker engine answers at tcp://127.0.0.1:{port}"):
        DockerBroker(tmp_path / "broker", advertised="127.0.0.1:1")


def test_an_engine_that_is_named_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere:2375")
    with listen(tmp_path / "run" / "docker.sock"):
        assert engine_address() == "tcp://elsewhere:2375"
    assert os.environ["DOCKER_HOST"] == "tcp://elsewhere:2375"


def test_dockers_own_socket_needs_no_name(tmp_path: Path) -> None:
    with listen(tmp_path / "docker.sock"), listen(tmp_path / "run" / "podman" / "podman.sock"):
        assert engine_address() == f"unix://{tmp_path}/docker.sock"
    assert "DOCKER_HOST" not in os.environ


@pytest.mark.parametrize(
    "place", ["run/docker.sock", "home/.docker/run/docker.sock", "run/podman/podman.sock"]
)
def test_other_usual_places_are_looked_at(tmp_path: Path, place: str) -> None:
    with listen(tmp_path / place):
        assert engine_address() == f"unix://{tmp_path / place}"
    assert os.environ["DOCKER_HOST"] == f"unix://{tmp_path / place}"


def test_a_file_that_is_no_socket_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "SOCKETS", ("{runtime}/docker.sock",))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "docker.sock").write_text("")
    assert engine_address() == f"unix://{tmp_path}/docker.sock"
    assert "DOCKER_HOST" not in os.environ


def test_the_engine_of_dockers_current_context_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = hashlib.sha256(b"class").hexdigest()
    meta = tmp_path / "config" / "contexts" / "meta" / named / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(
        '{"Name": "class", "Metadata": {}, "Endpoints": {"docker": {"Host": "tcp://class:2375"}}}'
    )
    (tmp_path / "config" / "config.json").write_text('{"currentContext": "class"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    with listen(tmp_path / "docker.sock"):
        assert engine_address() == "tcp://class:2375"


def test_a_lost_connection_is_said_as_an_engine_that_does_not_answer() -> None:
    with pytest.raises(BrokerError, match="No Docker engine answers at x"), explained("x"):
        raise ConnectionResetError
