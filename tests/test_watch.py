"""`watch` as its user has it: what a save sets going, what it shows, and what it leaves behind."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from grader.errors import BrokerError
from grader.watch import saves, watch

KIT = Path(__file__).parent.parent
SOLUTION = KIT / "solutions" / "01_hello_kafka" / "producer.py"
EVENT_LIMIT_S = 10.0
ROUND_LIMIT_S = 40.0
END_LIMIT_S = 2.0
GONE_LIMIT_S = 5.0
QUIET_S = 0.6  # beyond the time in which a save is noticed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a submission of three exercises."""
    for name in ("01_a", "02_b", "03_c"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        (tmp_path / "mine" / name / "producer.py").write_text("print()\n")
    return tmp_path / "mine"


class Seen:
    """The saves that are reported, in a thread of their own."""

    def __init__(self, folder: Path, *exercises: str) -> None:
        self._found: queue.Queue[Sequence[str]] = queue.Queue()
        self._saves = saves(folder, exercises)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        for each in self._saves:
            self._found.put(each)

    def next(self, limit_s: float = EVENT_LIMIT_S) -> Sequence[str] | None:
        try:
            return self._found.get(timeout=limit_s)
        except queue.Empty:
            return None


class TestSaves:
    def test_a_save_names_its_exercise(self, folder: Path) -> None:
        seen = Seen(folder, "01_a", "02_b")
        (folder / "02_b" / "producer.py").write_text("print(2)\n")
        assert ["02_b"] == seen.next()

    def test_several_saves_at_once_are_one_round_in_order(self, folder: Path) -> None:
        seen = Seen(folder, "01_a", "02_b", "03_c")
        for name in ("03_c", "01_a"):
            (folder / name / "producer.py").write_text("print(2)\n")
        assert ["01_a", "03_c"] == seen.next()

    @pytest.mark.parametrize("remove_first", [False, True])
    def test_a_save_by_renaming_is_one_round(self, folder: Path, remove_first: bool) -> None:
        seen = Seen(folder, "01_a")
        new = folder / "01_a" / "4913.tmp"
        new.write_text("print(3)\n")
        if remove_first:
            (folder / "01_a" / "producer.py").unlink()
        new.replace(folder / "01_a" / "producer.py")
        assert ["01_a"] == seen.next()
        assert seen.next(QUIET_S) is None

    @pytest.mark.parametrize(
        "name",
        [
            "01_a/.producer.py.swp",
            "01_a/producer.py~",
            "01_a/#producer.py#",
            "01_a/__pycache__/producer.cpython-311.pyc",
            "01_a/README.md",
            "03_c/producer.py",
            "notes.txt",
        ],
    )
    def test_what_is_not_handed_in_sets_nothing_going(self, folder: Path, name: str) -> None:
        seen = Seen(folder, "01_a", "02_b")
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
        assert seen.next(QUIET_S) is None

    def test_a_save_while_nobody_asks_is_kept(self, folder: Path) -> None:
        found = saves(folder, ["01_a"])
        (folder / "01_a" / "answers.toml").write_text("a = 1\n")
        time.sleep(QUIET_S)  # the grading that is on takes its time
        assert ["01_a"] == next(found)


def rounds(failures: list[Exception]) -> tuple[list[Sequence[str]], list[str], int]:
    """Run two saves through a watch whose gradings fail with these; return rounds, words, beginnings."""
    graded: list[Sequence[str]] = []
    said: list[str] = []
    begun = 0

    @contextlib.contextmanager
    def gradings() -> Iterator[Callable[[Sequence[str]], None]]:
        nonlocal begun
        begun += 1
        yield grade

    def grade(chosen: Sequence[str]) -> None:
        graded.append(chosen)
        if failures:
            raise failures.pop()

    def two_saves() -> Iterator[Sequence[str]]:
        yield ["02"]
        yield ["03"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(two_saves(), ["01"], gradings, said.append)
    return graded, said, begun


def test_rounds_share_their_brokers_until_the_interrupt() -> None:
    assert ([["01"], ["02"], ["03"]], [], 1) == rounds([])


@pytest.mark.parametrize("failure", [BrokerError("Kafka is gone."), OSError(28, "No space left on device")])
def test_a_round_that_fails_is_said_and_the_next_begins_anew(failure: Exception) -> None:
    graded, said, begun = rounds([failure])
    assert [["01"], ["02"], ["03"]] == graded
    assert 2 == begun
    assert [str(failure)] == [each.split("\n")[0] for each in said]


class Session:
    """A real `watch` on a submission of one program."""

    def __init__(self, home: Path) -> None:
        self.program = home / "mine" / "01_hello_kafka" / "producer.py"
        self.program.parent.mkdir(parents=True)
        self.temporary, self.out = home / "tmp", home / "report"
        self.temporary.mkdir()
        shutil.copy(KIT / "stubs" / "01_hello_kafka" / "producer.py", self.program)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", "watch", "--submission", home / "mine", "--out", self.out],
            cwd=KIT,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def until(self, words: str) -> str:
        """Read what is shown up to a line that holds these words."""
        assert self.process.stdout is not None
        shown = ""
        for line in self.process.stdout:
            shown += line
            if words in line:
                return shown
        raise AssertionError(shown)

    def outcomes(self) -> dict[str, str]:
        results = json.loads((self.out / "results.json").read_text())
        return {each["id"]: each["outcome"] for each in results["exercises"][0]["checks"]}

    def processes(self) -> list[int]:
        return [int(process.name) for process in Path("/proc").glob("[0-9]*") if self._bears(process)]

    def brokers(self) -> list[int]:
        def command(pid: int) -> bytes:
            return Path(f"/proc/{pid}/cmdline").read_bytes()

        return [pid for pid in self.processes() if b"kafka.Kafka" in command(pid)]

    def _bears(self, process: Path) -> bool:
        with contextlib.suppress(OSError):
            place = os.fsencode((process / "cwd").readlink()) + (process / "environ").read_bytes()
            return os.fsencode(self.temporary) in place
        return False


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Yield a watch, ended by force if the test has not ended it."""
    begun = Session(tmp_path)
    yield begun
    begun.process.kill()
    begun.process.communicate()


@pytest.mark.broker
def test_a_save_brings_a_new_verdict_and_an_interrupt_leaves_nothing(session: Session) -> None:
    session.until("Waiting for a save")
    session.program.write_text("from kafka import KafkaProducer\nprint(\n")  # half-saved
    shown = session.until("waiting for the next save")
    assert "Python cannot read line 2" in shown
    assert len(shown.splitlines()) <= 30  # the summary, and what was said before it
    broker = session.brokers()
    whole = session.program.with_name("producer.py.new")
    shutil.copy(SOLUTION, whole)
    whole.replace(session.program)
    assert "10 of 10 points" in session.until("waiting for the next save")
    assert {"passed"} == set(session.outcomes().values())
    assert broker == session.brokers()  # the same one: it stays warm
    began = time.monotonic()
    session.process.send_signal(signal.SIGINT)
    output, _ = session.process.communicate(timeout=ROUND_LIMIT_S)
    assert time.monotonic() - began < END_LIMIT_S
    assert 0 == session.process.returncode
    assert "No longer watching" in output
    assert "Traceback" not in output
    deadline = time.monotonic() + GONE_LIMIT_S
    while (left := [*session.temporary.iterdir(), *session.processes()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [] == left
