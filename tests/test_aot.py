"""Which cache of the fast start belongs to which Java, and what becomes of one that is of no use."""

import os
import time
from pathlib import Path

import pytest

from grader.broker import aot, jars, node, training
from grader.broker.java import Java, described
from grader.broker.local import LocalBroker

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


@pytest.mark.parametrize(
    ("version", "training", "starting"),
    [
        (25, "-XX:AOTCacheOutput=part", ("-XX:AOTCache={}", "-XX:AOTMode=on")),
        (17, "-XX:ArchiveClassesAtExit=part", ("-XX:SharedArchiveFile={}", "-Xshare:on")),
    ],
)
def test_each_java_keeps_what_it_can(
    program: Path, monkeypatch: pytest.MonkeyPatch, version: int, training: str, starting: tuple[str, ...]
) -> None:
    monkeypatch.setattr(aot, "java", lambda: Java(program, version, f"{version}.0.1", "PATH"))
    monkeypatch.setenv("KAFKA_KIT_CACHE", str(program.parent))
    assert (*aot.BASE, training) == aot.training_options(Path("part"))
    assert aot.BASE == aot.options()
    path = aot.cache_path()
    assert path is not None
    path.parent.mkdir()
    path.touch()
    assert (*aot.BASE, *(option.format(path) for option in starting)) == aot.options()
    aot.discard()
    assert aot.BASE == aot.options()


class TestNeeded:
    @pytest.fixture
    def path(self, program: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("KAFKA_KIT_CACHE", str(program.parent))
        path = aot.cache_path()
        assert path is not None
        return path

    def test_until_it_is_there(self, path: Path) -> None:
        assert training.needed()
        path.touch()
        assert not training.needed()

    def test_not_again_where_it_came_to_nothing(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(training, "_run_once", lambda *_: False)  # killed while it wrote
        training.train(tmp_path / "training", {})
        assert training.needed()
        monkeypatch.setattr(training, "_run_once", lambda *_: True)  # a Java that leaves none behind
        training.train(tmp_path / "training", {})
        assert not path.exists()
        assert not training.needed()

    def test_those_of_a_java_that_is_gone_are_removed(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path.parent.mkdir()
        now = time.time()
        long_ago, lately = now - training.UNUSED_S - 60, now - training.UNUSED_S + 60
        old, read_lately, made_lately = (long_ago, long_ago), (lately, long_ago), (long_ago, lately)
        for name, (read, made) in {
            "a.aot": old,
            "b.jsa": old,
            "c.aot": read_lately,
            "d.jsa": made_lately,
        }.items():
            (path.parent / name).touch()
            os.utime(path.parent / name, (read, made))
        monkeypatch.setattr(training, "_run_once", lambda *_: False)
        training.train(tmp_path / "training", {})
        assert {"c.aot", "d.jsa", "lock"} == {each.name for each in path.parent.iterdir()}

    def test_not_on_a_disk_without_room(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(training, "NEEDED_BYTES", 10**18)
        assert not training.needed()


@pytest.mark.broker
@pytest.mark.parametrize("version", [17, 21])
@pytest.mark.timeout(400)
def test_an_older_java_of_the_machine_makes_an_archive_and_drops_a_spoiled_one(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = sorted(Path("/usr/lib/jvm").glob("*/bin/java")) + sorted(
        Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home/bin/java")
    )
    found = next(
        (each for place in places for each in described(place, "PATH") if each.version == version), None
    )
    if found is None:
        pytest.skip(f"no Java {version} is on this machine")
    here = jars.jars()
    for module in (aot, node):
        monkeypatch.setattr(module, "java", lambda: found)
    monkeypatch.setenv("KAFKA_KIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(aot, "jars", lambda: here)
    monkeypatch.setattr(node, "jars", lambda: here)
    training.train(tmp_path / "training", {})
    path = aot.cache_path()
    assert path is not None
    assert path.stat().st_size > 10_000_000
    LocalBroker(tmp_path / "whole", advertised="127.0.0.1:1", environment={}).stop()
    assert path.exists()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    LocalBroker(tmp_path / "spoiled", advertised="127.0.0.1:1", environment={}).stop()
    assert not path.exists()
