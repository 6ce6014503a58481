"""The reaper's process: it makes the grading's root, waits for the end of the grader, and clears up.

    python -I -S process.py TOKEN ROOT

It is this file alone, so it imports nothing of the kit's. On its standard input it is told, a line
each: `group PGID`, `forget PGID` (process groups, for platforms where a foreign environment cannot be
read), and `done`, when the grader has cleared up by itself.
"""

# ruff: noqa: PTH102, PTH104, PTH106, PTH120, PTH123
# pathlib alone would add a third to the start of this process.

import contextlib
import fcntl
import os
import signal
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping

VARIABLE = "KAFKA_KIT_RUN"
PREFIX = "kafka-kit-"
LOCK = ".lock"
TOKEN_BYTES = 8
# A process that was being started as the grader died bears no mark until its exec.
SETTLED_S = 0.3
# Far beyond what killing takes: only a process stuck in the kernel is still there.
END_LIMIT_S = 5.0
POLL_S = 0.01
# What is looked at in a first look may have forked before the last of it was reached.
LOOKS = 3
# Millions of files take less; what still writes after it has escaped the sandbox.
REMOVE_LIMIT_S = 60.0
# A folder without a lock is one that is being made, or one whose removal was cut short.
ABANDONED_S = 3600


def end_marked(
    mark: str, *, session: int | None = None, also: Mapping[int, str] | None = None, settled_s: float = 0.0
) -> bool:
    """Kill every process that bears `mark` (`NAME=value`) in its environment, and their descendants.

    Args:
        session: The processes of this session, and its leader's group, are killed too, marked or not.
        also: Processes that `bearers` found earlier, when the parents of some still lived.
        settled_s: How long none must have been seen before it is believed that none is left.

    Returns:
        Whether none is left.
    """
    deadline = time.monotonic() + END_LIMIT_S
    quiet_since = None
    if session is not None:
        halt_group(session)
    found = {**(also or {}), **bearers(mark, session)}
    while time.monotonic() < deadline:
        if session is not None:
            kill_group(session)
        for pid, born in found.items():
            _kill(pid, born)
        if found:
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        if quiet_since is not None and time.monotonic() - quiet_since >= settled_s:
            return True
        time.sleep(POLL_S)  # the kernel tells nobody of a process that is not their child
        found = bearers(mark, session)
    return False


def bearers(mark: str, session: int | None = None) -> dict[int, str]:
    """Return the processes that bear the mark or descend from one that does, with their start times."""
    if sys.platform != "linux":
        return dict.fromkeys(_bearers_by_ps(mark.encode()), "")
    known = dict(_processes())
    found = {
        pid
        for pid, (_, of_session, _) in known.items()
        if of_session == session or mark.encode() in _environment(pid).split(b"\0")
    }
    newest = found
    while newest:
        newest = {pid for pid, (parent, _, _) in known.items() if parent in newest} - found
        found |= newest
    return {pid: known[pid][2] for pid in found - {os.getpid()}}


def _processes() -> Iterator[tuple[int, tuple[int, int, str]]]:
    """Yield each process that lives, with parent, session and start time, by /proc."""
    seen: set[str] = set()
    for _ in range(LOOKS):
        new = [name for name in os.listdir("/proc") if name.isdigit() and name not in seen]
        for name in new:
            if (fields := _fields(int(name))) and fields[0] not in "ZX":
                yield int(name), (int(fields[1]), int(fields[3]), fields[19])
        seen.update(new)


def _fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on; the name before it may hold anything."""
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].decode().split()


def _environment(pid: int) -> bytes:
    return _read(f"/proc/{pid}/environ")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""  # it has ended, or it is another user's


def _bearers_by_ps(mark: bytes) -> Iterator[int]:
    """Yield what `ps` shows of the mark: as good as macOS allows."""
    import subprocess

    command = ["/bin/ps", "-axEww", "-o", "pid=,command="]
    for line in subprocess.run(command, capture_output=True, check=False).stdout.splitlines():
        pid, *words = line.split()
        if mark in words and int(pid) != os.getpid():
            yield int(pid)


def _kill(pid: int, born: str) -> None:
    """Kill that very process, not one that has come by its number since."""
    with contextlib.suppress(OSError):  # it has ended
        if sys.platform != "linux":
            os.kill(pid, signal.SIGKILL)
            return
        descriptor = os.pidfd_open(pid)
        try:
            if _fields(pid)[19:20] == [born]:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        finally:
            os.close(descriptor)


def halt_group(group: int) -> None:
    """Stop a process group, so that it starts nothing while one looks for what it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGSTOP)


def kill_group(group: int) -> None:
    """Kill a process group, if it is still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS forbids what is only a zombie
        os.killpg(group, signal.SIGKILL)


def remove_tree(folder: str | os.PathLike[str]) -> bool:
    """Remove a folder and all in it: of any depth, unreadable folders too; no link is followed.

    Returns:
        Whether it is gone.
    """
    try:
        _open_up(os.fspath(folder), None)
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return not os.path.lexists(folder)
    try:
        deadline = time.monotonic() + REMOVE_LIMIT_S
        while _empty(top, top) and time.monotonic() < deadline:
            pass
        os.rmdir(folder)
    except OSError:
        return False
    finally:
        os.close(top)
    return True


def _empty(folder: int, top: int) -> int:
    """Remove the entries of a folder, once; return how many went.

    A folder inside one of `top` is moved up to `top` rather than gone into, so that neither depth nor
    the length of a path has a limit.
    """
    gone = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.name, dir_fd=folder)
                elif folder == top:
                    gone += _remove_folder(entry.name, top)
                else:
                    _open_up(entry.name, folder)
                    os.rename(entry.name, os.urandom(8).hex(), src_dir_fd=folder, dst_dir_fd=top)
            except OSError:
                continue  # the next round tries again, as long as any round gets anywhere
            gone += 1
    return gone


def _remove_folder(name: str, top: int) -> int:
    _open_up(name, top)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        gone = _empty(folder, top)
    finally:
        os.close(folder)
    try:
        os.rmdir(name, dir_fd=top)
    except OSError:
        if not gone:
            raise
    return gone


def _open_up(name: str, within: int | None) -> None:
    with contextlib.suppress(OSError, NotImplementedError):  # where it mattered, opening it says so
        os.chmod(name, 0o700, dir_fd=within, follow_symlinks=False)


def clear(token: str, root: str, *, settled_s: float = 0.0) -> None:
    """End every process of a grading and remove its folder."""
    end_marked(f"{VARIABLE}={token}", settled_s=settled_s)
    remove_tree(root)


def hold(root: str) -> int:
    """Mark a root as in use for as long as this process lives; return the descriptor that does it."""
    descriptor = os.open(f"{root}/{LOCK}", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def make(root: str) -> None:
    """Make a root with its lock, which is held before it can be seen."""
    os.mkdir(root, 0o700)
    new = f"{root}/{LOCK}-new"
    descriptor = os.open(new, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    os.rename(new, f"{root}/{LOCK}")  # the descriptor stays open, and so the lock held, to the end


def sweep(folder: str) -> None:
    """Clear up after gradings that were killed together with their reapers."""
    for name in os.listdir(folder):
        token = name.removeprefix(PREFIX)
        if token == name or len(token) != 2 * TOKEN_BYTES or set(token) - set("0123456789abcdef"):
            continue
        root = f"{folder}/{name}"
        try:
            lock = _abandoned(root)
        except OSError:
            continue  # another reaper was quicker
        if lock is not None:
            clear(token, root)
            os.close(lock)


def _abandoned(root: str) -> int | None:
    """Return the lock of a root that nobody holds, or the folder if it has none; None if it is held."""
    status = os.lstat(root)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        return None
    try:
        lock = os.open(f"{root}/{LOCK}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        young = time.time() - status.st_mtime < ABANDONED_S
        return None if young else os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def obey(lines: Iterable[bytes]) -> bool:
    """Follow what the grader says until it is done (true), or until it has died (false)."""
    groups = set()
    for line in lines:
        word, _, group = line.partition(b" ")
        if word == b"done\n":
            return True
        if word == b"group":
            groups.add(int(group))
        elif word == b"forget":
            groups.discard(int(group))
    for each in groups:
        kill_group(each)
    return False


def watch(token: str, root: str) -> None:
    """Be the reaper: make the root, wait for the end of the grader, clear up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    try:
        make(root)
        answer = "ready"
    except OSError as error:
        answer = error.strerror or repr(error)
    with contextlib.suppress(BrokenPipeError):  # the end of the other pipe says the same
        os.write(1, f"{answer}\n".encode())
    with contextlib.suppress(OSError):
        sweep(os.path.dirname(root))
    done = obey(sys.stdin.buffer)
    clear(token, root, settled_s=0.0 if done else SETTLED_S)


if __name__ == "__main__":
    watch(sys.argv[1], sys.argv[2])
