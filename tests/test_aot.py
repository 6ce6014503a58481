"""Which cache of the fast start belongs to which Java."""

import os
from pathlib import Path

import pytest

from grader.broker import aot
from grader.broker.java import Java

WHOLE_S = 1_790_000_000


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "java"
    path.write_bytes(b"x")
    monkeypatch.setattr(aot, "java", lambda: Java(path, aot.AOT_SINCE, "25.0.2", "PATH"))
    monkeypatch.setattr(aot, "jars", lambda: ())
    monkeypatch.delenv(aot.SWITCH, raising=False)
    return path


def cache_at(program: Path, time_s: float) -> Path | None:
    os.utime(program, ns=(int(time_s * 1e9), int(time_s * 1e9)))
    return aot.cache_path()


def test_a_cache_outlives_being_packed_where_parts_of_a_second_are_cut_off(program: Path) -> None:
    made = cache_at(program, WHOLE_S + 0.75)
    assert made is not None
    assert made == cache_at(program, WHOLE_S)


def test_another_java_has_another_cache(program: Path) -> None:
    assert cache_at(program, WHOLE_S) != cache_at(program, WHOLE_S + 1)
