"""A container's connection and settings, without an engine."""

import socket
import struct
from pathlib import Path

import pytest

from grader.broker import container
from grader.broker.container import Connection, variable


def frame(number: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", number, len(content)) + content


def followed(folder: Path, *parts: bytes) -> tuple[bytes, bytes]:
    ours, engines = socket.socketpair()
    with engines:
        connection = Connection(ours, {1: folder / "out"}, folder / "rest")
        for part in parts:
            engines.sendall(part)
        engines.shutdown(socket.SHUT_WR)
        assert connection.ended.wait(5)
        connection.close()
    return (folder / "out").read_bytes(), (folder / "rest").read_bytes()


def test_outputs_are_told_apart(tmp_path: Path) -> None:
    assert followed(tmp_path, frame(1, b"a") + frame(2, b"b") + frame(1, b"c\n")) == (b"ac\n", b"b")


def test_frames_may_come_in_any_pieces(tmp_path: Path) -> None:
    whole = frame(1, b"request\n" * 20_000) + frame(2, b"") + frame(2, b"log\n")
    pieces = [whole[start : start + 1_009] for start in range(0, len(whole), 1_009)]
    assert followed(tmp_path, whole[:3], whole[3:11], *[pieces[0][11:], *pieces[1:]]) == (
        b"request\n" * 20_000,
        b"log\n",
    )


def test_a_frame_that_is_cut_off_is_not_written(tmp_path: Path) -> None:
    assert followed(tmp_path, frame(1, b"whole\n") + frame(1, b"cut off\n")[:-1]) == (b"whole\n", b"")


def test_what_is_sent_is_the_containers_input(tmp_path: Path) -> None:
    ours, engines = socket.socketpair()
    with engines:
        connection = Connection(ours, {}, tmp_path / "rest")
        connection.send(b"listeners\n")
        assert engines.recv(100) == b"listeners\n"
        assert not connection.ended.is_set()
        connection.close()
        assert engines.recv(100) == b""
    assert connection.ended.is_set()


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("node.id", "KAFKA_NODE_ID"), ("inter.broker.listener.name", "KAFKA_INTER_BROKER_LISTENER_NAME")],
)
def test_settings_become_the_images_variables(setting: str, expected: str) -> None:
    assert expected == variable(setting)


def test_no_setting_needs_the_images_escapes() -> None:
    from grader.broker.docker import settings

    assert not [name for name in settings() if "_" in name or "-" in name]


class Engine:
    """Lists containers, and remembers what was removed."""

    def __init__(self, *listed: dict[str, object]) -> None:
        self.listed, self.removed = listed, list[str]()

    def containers(self, *, all: bool, filters: dict[str, str]) -> list[dict[str, object]]:  # noqa: A002
        assert all
        assert filters == {"label": container.LABEL}
        return list(self.listed)

    def remove_container(self, identity: str, *, force: bool, v: bool) -> None:
        assert force
        assert v
        self.removed.append(identity)

    def inspect_container(self, identity: str) -> dict[str, str]:
        return {}


def test_only_what_was_left_behind_long_ago_is_swept() -> None:
    import time

    now = int(time.time())
    engine = Engine(
        {"Id": "running", "State": "running", "Created": now - 99_999},
        {"Id": "being-made", "State": "created", "Created": now - 5},
        {"Id": "left", "State": "created", "Created": now - 99_999},
        {"Id": "ended", "State": "exited", "Created": now - 99_999},
    )
    container.sweep(engine)
    assert engine.removed == ["left", "ended"]
