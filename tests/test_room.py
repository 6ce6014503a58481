"""Room on the machine; and a grading where there is little: 768 MB and half a core."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from grader import room, session

KIT = Path(__file__).parent.parent
GROUPS = Path("/sys/fs/cgroup")
MEMORY_BYTES = 768 * 2**20
PERIOD_US, QUOTA_US = 100_000, 50_000  # half a core
GRADING_LIMIT_S = 540


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands for /sys/fs/cgroup, with this process in `a/b` of the second version."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "own").write_text("0::/a/b\n")
    monkeypatch.setattr(room, "GROUPS", tmp_path)
    monkeypatch.setattr(room, "OWN", tmp_path / "own")
    return tmp_path


@pytest.mark.usefixtures("groups")
def test_without_a_limit_it_is_what_the_machine_has() -> None:
    assert psutil.virtual_memory().total >= room.free_memory_bytes() > 0


def test_a_limit_above_this_group_counts_and_files_read_lately_do_not(groups: Path) -> None:
    put(groups / "a", memory__max="500000000", memory__current="300000000")
    put(groups / "a", memory__stat="anon 1\ninactive_file 100000000\n")
    put(groups / "a" / "b", memory__max="max", memory__current="1", memory__stat="anon 1\n")
    assert 300_000_000 == room.free_memory_bytes()


def test_the_first_version_of_control_groups_is_read_too(groups: Path) -> None:
    (groups / "own").write_text("5:cpu:/x\n4:memory:/a\n0::/\n")
    folder = groups / "memory" / "a"
    folder.mkdir(parents=True)
    put(folder, memory__limit_in_bytes="400000000", memory__usage_in_bytes="150000000")
    put(folder, memory__stat="inactive_file 1\ntotal_inactive_file 50000000\n")
    assert 300_000_000 == room.free_memory_bytes()


@pytest.mark.parametrize(
    ("free_mb", "lanes"), [(100, 1), (500, 1), (768, 2), (1_500, 6), (24_000, 118)], ids=str
)
def test_so_many_brokers_as_there_is_room_for(
    free_mb: int, lanes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "free_memory_bytes", lambda: free_mb * 1_000_000)
    assert lanes == session.lanes_of_room()


class Group:
    """A control group of this test's own, of whichever version this machine has."""

    def __init__(self) -> None:
        name = f"kafka-kit-test-{uuid.uuid4().hex[:8]}"
        second = (GROUPS / "cgroup.controllers").exists()
        self.folders = [GROUPS / name] if second else [GROUPS / each / name for each in ("memory", "cpu")]
        self._peak = self.folders[0] / ("memory.peak" if second else "memory.max_usage_in_bytes")
        limits = {
            "memory.max" if second else "memory.limit_in_bytes": f"{MEMORY_BYTES}",
            "cpu.max" if second else "cpu.cfs_quota_us": f"{QUOTA_US} {PERIOD_US}"
            if second
            else f"{QUOTA_US}",
        }
        try:
            for folder in self.folders:
                folder.mkdir()
            for limit, value in limits.items():
                folder = self.folders[0 if limit.startswith("memory") else -1]
                (folder / limit).write_text(value)
        except OSError as error:
            self.remove()
            pytest.skip(f"no control group with limits can be made here: {error}")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        joined = "".join(f"echo $$ >'{folder / 'cgroup.procs'}'; " for folder in self.folders)
        return subprocess.run(
            ["/bin/sh", "-ec", f'{joined}exec "$@"', "sh", *arguments],
            cwd=KIT,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=GRADING_LIMIT_S,
            check=False,
        )

    def peak_mb(self) -> float:
        with suppress(OSError):
            return int(self._peak.read_text()) / 1e6
        return float("nan")

    def remove(self) -> None:
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()


@pytest.fixture
def small() -> Iterator[Group]:
    """Yield a group with 768 MB and half a core; skip, with the reason, where none can be made."""
    group = Group()
    yield group
    group.remove()


@pytest.mark.broker
@pytest.mark.timeout(GRADING_LIMIT_S + 30)
@pytest.mark.whole
def test_three_exercises_are_graded_on_768_mb_and_half_a_core(small: Group, tmp_path: Path) -> None:
    done = small.run(
        *(sys.executable, "-m", "grader", "grade", "01", "02", "03"),
        *("--submission", "solutions", "--out", str(tmp_path)),
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["score"] == results["max_score"]
    print(f"peak {small.peak_mb():.0f} MB, {done.stderr.splitlines()[-1].strip()}")
