import contextlib
import os
import random
import secrets
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.reaper import Reaper
from grader.reaper.process import (
    ABANDONED_S,
    END_LIMIT_S,
    LOCK,
    PREFIX,
    TOKEN_BYTES,
    _bearers_by_ps,
    bearers,
    end_marked,
    obey,
    remove_tree,
    sweep,
)

KIT = Path(__file__).parent.parent
SLEEP = ("sleep", "60")
# Thirty kills and more are for `make soak`; a few are enough to see a break.
KILLS = int(os.environ.get("KAFKA_KIT_SOAK_KILLS", "4"))

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="foreign environments are read")


def await_(condition: Callable[[], bool], limit_s: float = 5.0) -> bool:
    """Whether a condition came true in time; nobody tells of the end of a process not one's own."""
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


@contextlib.contextmanager
def process(*command: str, **options: object) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a process and see that it is gone in the end."""
    with subprocess.Popen(command or SLEEP, stdout=subprocess.PIPE, **options) as started:  # type: ignore[call-overload]
        try:
            yield started
        finally:
            started.kill()


def kill_reaper(reaper: Reaper) -> None:
    os.kill(reaper.pid, signal.SIGKILL)
    assert await_(lambda: not alive(reaper.pid))


@pytest.fixture
def mark() -> str:
    return f"REAPER_TEST={secrets.token_hex(8)}"


def marked(mark: str, **more: str) -> dict[str, str]:
    name, _, value = mark.partition("=")
    return {"PATH": os.defpath, name: value, **more}


# One grading after the other


def test_the_root_is_its_owners_alone_and_gone_at_the_end(tmp_path: Path) -> None:
    with Reaper.start(tmp_path) as reaper:
        assert tmp_path / f"{PREFIX}{reaper.token}" == reaper.root
        assert {"KAFKA_KIT_RUN": reaper.token} == reaper.environment
        assert 0o700 == stat.S_IMODE(reaper.root.stat().st_mode)
        (reaper.root / "folder").mkdir()
        (reaper.root / "folder" / "file").write_text("")
    assert [] == [*tmp_path.iterdir()]


def test_it_stands_among_the_machines_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Reaper.start() as reaper:
        assert tmp_path == reaper.root.parent


def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    reaper = Reaper.start(tmp_path)
    reaper.close()
    reaper.close()
    reaper.watch_group(1_000_000)
    assert not reaper.root.exists()


def test_no_process_is_left_by_the_end(tmp_path: Path) -> None:
    with Reaper.start(tmp_path) as reaper:
        environment = {"PATH": os.defpath, **reaper.environment}
        left = [subprocess.Popen(SLEEP, env=environment, start_new_session=True) for _ in range(3)]
    assert [-signal.SIGKILL] * 3 == [each.wait(0.5) for each in left]


def test_the_folder_goes_when_the_grader_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Reaper.start(tmp_path) as reaper:
        raise ZeroDivisionError
    assert not reaper.root.exists()


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    with Reaper.start(tmp_path):
        assert before != os.listdir("/proc/self/fd")
    assert before == os.listdir("/proc/self/fd")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="No such file or directory") as failure:
        Reaper.start(tmp_path / "absent")
    assert "TMPDIR" in failure.value.cure


def test_signals_do_not_end_it(tmp_path: Path) -> None:
    with Reaper.start(tmp_path) as reaper:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            os.kill(reaper.pid, number)
        assert reaper.root.exists()
        assert alive(reaper.pid)
    assert not reaper.root.exists()


def test_the_grader_clears_up_where_its_reaper_was_killed(tmp_path: Path) -> None:
    reaper = Reaper.start(tmp_path)
    with process(env={"PATH": os.defpath, **reaper.environment}) as left:
        kill_reaper(reaper)
        reaper.watch_group(left.pid)
        reaper.close()
        assert -signal.SIGKILL == left.wait(1)
    assert not reaper.root.exists()


# The grader is killed


GRADER = """
import os, subprocess, sys, time
sys.path.insert(0, {kit!r})
from pathlib import Path
from grader.reaper import Reaper
reaper = Reaper.start(Path({folder!r}))
environment = {{"PATH": os.defpath, **reaper.environment}}
{body}
print(reaper.token, flush=True)
time.sleep(60)
"""


@contextlib.contextmanager
def grader(folder: Path, body: str = "") -> Iterator[tuple["subprocess.Popen[bytes]", list[str]]]:
    """Start a grader in a process of its own; give it, and the words that it says once it is ready."""
    source = GRADER.format(kit=str(KIT), folder=str(folder), body=body)
    with process(sys.executable, "-c", source, start_new_session=True) as started:
        assert started.stdout is not None
        yield started, started.stdout.readline().decode().split()


def test_a_killed_grader_leaves_neither_process_nor_folder(tmp_path: Path) -> None:
    body = """
for options in ({}, {"start_new_session": True}):
    subprocess.Popen(["sh", "-c", "trap '' TERM; (setsid sleep 60 &) ; sleep 60"], env=environment, **options)
"""
    with grader(tmp_path, body) as (started, (token,)):
        name = f"KAFKA_KIT_RUN={token}"
        assert await_(lambda: len(bearers(name)) == 6)
        started.kill()
        assert await_(lambda: not bearers(name) and not [*tmp_path.iterdir()])


def test_no_child_holds_the_pipe_open(tmp_path: Path) -> None:
    body = 'print(subprocess.Popen(["sleep", "60"], env={}, close_fds=False).pid, end=" ")'
    with grader(tmp_path, body) as (started, (pid, _)):
        started.kill()
        try:
            assert await_(lambda: not [*tmp_path.iterdir()])
            assert alive(int(pid))
        finally:
            os.kill(int(pid), signal.SIGKILL)


def test_groups_without_mark_are_ended_but_for_those_forgotten(tmp_path: Path) -> None:
    body = """
for number in range(2):
    child = subprocess.Popen(["sleep", "60"], env={}, process_group=0)
    reaper.watch_group(child.pid)
    print(child.pid, end=" ")
reaper.forget_group(child.pid)
"""
    with grader(tmp_path, body) as (started, (watched, forgotten, _)):
        started.kill()
        try:
            assert await_(lambda: not alive(int(watched)) and not [*tmp_path.iterdir()])
            assert alive(int(forgotten))
        finally:
            os.kill(int(forgotten), signal.SIGKILL)


def test_orders_are_followed_to_the_word_done() -> None:
    assert obey([b"group 999999999\n", b"forget 999999999\n", b"done\n", b"nonsense\n"])
    assert not obey([b"group 99999999\n"])
    assert not obey([])


BUSY = """
import itertools, threading
from grader.model import Scenario, Submission
from grader.sandbox.basic import BasicSandbox
sandbox = BasicSandbox(reaper.environment)
programs = [
    b"import time, signal; signal.signal(15, signal.SIG_IGN); time.sleep(60)",
    b"import os, time\\nif not os.fork():\\n os.setsid()\\n if not os.fork(): time.sleep(60)\\n os._exit(0)",
    b"import os, time\\nfor _ in range(5): os.fork()\\ntime.sleep(0.02)",
    b"print('hello')",
]
def work(number):
    for turn in itertools.count(number):
        sandbox.run(
            Submission("x", {"producer.py": programs[turn % 4]}, ""),
            Scenario(name="x", title="x", topics=(), wall_limit_s=0.15),
            bootstrap_servers="x",
            scratch=reaper.root / f"run-{number}-{turn}",
        )
for number in range(3):
    threading.Thread(target=work, args=(number,), daemon=True).start()
"""


@pytest.mark.timeout(10 * KILLS + 20)
def test_a_grader_may_be_killed_at_any_moment_of_its_runs(tmp_path: Path) -> None:
    for _ in range(KILLS):
        with grader(tmp_path, BUSY) as (started, (token,)):
            time.sleep(random.uniform(0, 0.4))
            started.kill()
            started.wait()
            name = f"KAFKA_KIT_RUN={token}"
            assert await_(lambda name=name: not bearers(name) and not [*tmp_path.iterdir()])  # type: ignore[misc]


def test_a_grader_may_be_killed_while_its_reaper_starts(tmp_path: Path) -> None:
    for delay_s in (0.0, 0.05, 0.08, 0.1, 0.15):
        source = GRADER.format(kit=str(KIT), folder=str(tmp_path), body="")
        with process(sys.executable, "-c", source):
            time.sleep(delay_s)
    assert await_(lambda: not [*tmp_path.iterdir()])


# Both are killed


def test_the_next_grading_clears_up_after_a_grader_killed_with_its_reaper(tmp_path: Path) -> None:
    body = """
subprocess.Popen(["sleep", "60"], env=environment, start_new_session=True)
print(reaper.pid, end=" ")
"""
    with Reaper.start(tmp_path) as living, grader(tmp_path, body) as (started, (pid, token)):
        name = f"KAFKA_KIT_RUN={token}"
        os.kill(int(pid), signal.SIGKILL)
        started.kill()
        started.wait()
        assert 1 == len(bearers(name))
        assert (tmp_path / f"{PREFIX}{token}").exists()
        with Reaper.start(tmp_path) as following:
            assert await_(lambda: not (tmp_path / f"{PREFIX}{token}").exists())
            assert {} == bearers(name)
            assert living.root.exists()
            assert following.root.exists()


def test_the_root_of_a_living_grader_stays_though_its_reaper_was_killed(tmp_path: Path) -> None:
    reaper = Reaper.start(tmp_path)
    kill_reaper(reaper)
    sweep(str(tmp_path))
    assert reaper.root.exists()
    reaper.close()
    assert not reaper.root.exists()


def root_in(folder: Path, *, age_s: float = 0.0, lock: bool = False) -> Path:
    root = folder / f"{PREFIX}{secrets.token_hex(TOKEN_BYTES)}"
    root.mkdir()
    if lock:
        (root / LOCK).write_text("")
    then = time.time() - age_s
    os.utime(root, (then, then))
    return root


def test_a_sweep_takes_what_is_abandoned_and_nothing_else(tmp_path: Path) -> None:
    abandoned = [root_in(tmp_path, age_s=ABANDONED_S + 60), root_in(tmp_path, lock=True)]
    being_made = root_in(tmp_path)
    foreign = [tmp_path / f"{PREFIX}notes", tmp_path / f"x{abandoned[0].name}", tmp_path / "other"]
    for each in foreign:
        each.mkdir()
        os.utime(each, (0, 0))
    file = tmp_path / f"{PREFIX}{secrets.token_hex(TOKEN_BYTES)}"
    file.write_text("")
    link = tmp_path / f"{PREFIX}{secrets.token_hex(TOKEN_BYTES)}"
    link.symlink_to(foreign[2])
    sweep(str(tmp_path))
    assert {being_made, *foreign, file, link} == {*tmp_path.iterdir()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's folder")
def test_a_sweep_leaves_other_users_folders(tmp_path: Path) -> None:
    root = root_in(tmp_path, age_s=ABANDONED_S + 60, lock=True)
    os.chown(root, 65_534, 65_534)
    sweep(str(tmp_path))
    assert root.exists()


# Processes


def test_a_mark_is_taken_by_the_whole_of_it(mark: str) -> None:
    with (
        process(env=marked(mark)) as bearer,
        process(env=marked(f"{mark}0")) as longer,
        process(env=marked(f"X_{mark}")) as other,
        process(sys.executable, "-c", "import time; time.sleep(60)", mark) as argument,
    ):
        assert await_(lambda: len(bearers(mark)) == 1)
        assert end_marked(mark)
        assert -signal.SIGKILL == bearer.wait(1)
        assert [None] * 3 == [each.poll() for each in (longer, other, argument)]


def test_descendants_are_found_whatever_their_environment(mark: str) -> None:
    source = (
        "import subprocess; c = subprocess.Popen(['sleep', '60'], env={}, start_new_session=True); c.wait()"
    )
    with process(sys.executable, "-c", source, env=marked(mark)):
        assert await_(lambda: len(bearers(mark)) == 2)
        descendants = bearers(mark)
        assert end_marked(mark)
        assert [] == [pid for pid in descendants if alive(pid)]


def test_those_found_earlier_are_ended_as_long_as_they_are_the_same(mark: str) -> None:
    with process(env=marked(mark)) as first, process(env={}) as second:
        assert await_(lambda: len(bearers(mark)) == 1)
        found = bearers(mark)
        earlier = {**found, second.pid: "12345"}  # another process bore the number then
        assert end_marked("NO=MARK", also=earlier)
        assert -signal.SIGKILL == first.wait(1)
        assert second.poll() is None


def test_it_is_not_believed_at_once_that_none_is_left(mark: str) -> None:
    begun = time.monotonic()
    assert end_marked(mark, settled_s=0.1)
    assert 0.1 <= time.monotonic() - begun < END_LIMIT_S


def test_a_crowd_is_ended_wherever_it_has_gone(mark: str) -> None:
    source = """
import os, time
for _ in range(5):
    os.fork()
    os.setsid() if os.getsid(0) != os.getpid() and os.getpgrp() != os.getpid() else None
time.sleep(60)
"""
    with process(sys.executable, "-c", source, env=marked(mark)):
        assert await_(lambda: len(bearers(mark)) == 32, limit_s=20)
        crowd = bearers(mark)
        assert end_marked(mark)
        assert [] == [pid for pid in crowd if alive(pid)]


def test_ps_is_asked_where_there_is_no_proc(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = f"  71 java Kafka {mark} A=b\n 72 sleep\n{os.getpid()} python {mark}\n73 sh X{mark}\n"
    answer = subprocess.CompletedProcess([], 0, listing.encode())
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    assert [71] == [*_bearers_by_ps(mark.encode())]


# Folders


@pytest.fixture
def ordinary_user(tmp_path: Path) -> Iterator[None]:
    """Be a user whom permissions hold, as far as files go."""
    if os.geteuid() != 0:
        yield
        return
    for each in (tmp_path, *tmp_path.parents[:2]):
        each.chmod(0o755)
    os.chown(tmp_path, 65_534, 65_534)
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.usefixtures("ordinary_user")
def test_folders_shut_by_their_permissions_are_removed(tmp_path: Path) -> None:
    deepest = tmp_path / "tree" / "a" / "b" / "c"
    deepest.mkdir(parents=True)
    (deepest / "file").write_text("")
    for each in (deepest, *deepest.parents[:3]):
        each.chmod(0)
    assert remove_tree(tmp_path / "tree")
    assert [] == [*tmp_path.iterdir()]


@pytest.mark.usefixtures("ordinary_user")
def test_a_folder_that_cannot_be_removed_is_told_and_the_rest_goes(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in ("a", "z"):
        (tree / name / "inner").mkdir(parents=True)
    tmp_path.chmod(0o500)
    assert not remove_tree(tree)
    assert [] == [*tree.iterdir()]
    tmp_path.chmod(0o700)
    assert remove_tree(tree)


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("kept")
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    for place in (tree, tree / "inner"):
        (place / "folder").symlink_to(kept)
        (place / "file").symlink_to(kept / "file")
        (place / "broken").symlink_to("nowhere")
        (place / "hard").hardlink_to(kept / "file")
        os.mkfifo(place / "fifo")
    assert remove_tree(tree)
    assert "kept" == (kept / "file").read_text()
    link = tmp_path / "link"
    link.symlink_to(kept)
    assert not remove_tree(link)
    assert kept.is_dir()


def test_sockets_and_odd_names_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
    for name in (b"\xff\xfe", b"new\nline", "größe".encode(), b"x" * 255, b"-rf", b"..."):
        os.mkdir(name)  # noqa: PTH102 - a name that is no text
    assert remove_tree(tree)


def test_what_is_not_there_is_gone(tmp_path: Path) -> None:
    assert remove_tree(tmp_path / "absent")
