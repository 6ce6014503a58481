"""Files that outlive a killed run: the user's cache, locks between runs, whole writes."""

import contextlib
import errno
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from environment.step import say

CACHE_NAME = "kafka-producers-kit"


def cache_folder() -> Path:
    """The user's cache of the kit: `KAFKA_KIT_CACHE`, or the folder that platformdirs names."""
    if named := os.environ.get("KAFKA_KIT_CACHE"):
        return Path(named).expanduser().absolute()
    if Path(xdg := os.environ.get("XDG_CACHE_HOME", "").strip()).is_absolute():
        return Path(xdg) / CACHE_NAME
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / CACHE_NAME


@contextlib.contextmanager
def held(path: Path, what: str) -> Iterator[int]:
    """Hold a lock file while the block runs; wait, and say so, while another run holds it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            take(file.fileno(), what)
            # Whoever held it may have removed the file; then this lock is on a file that nobody else sees.
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                yield file.fileno()
                return


def take(descriptor: int, what: str) -> None:
    """Lock an open file, waiting for it if need be."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"Another run is making {what}: waiting for it.")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in {errno.ENOLCK, errno.ENOTSUP}:  # some network file systems lock nothing
            raise


def remove(path: Path) -> None:
    """Remove a file or a folder, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or not there."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def clean_cache() -> None:
    """Remove everything that was fetched for this user."""
    folder = cache_folder()
    if not folder.is_dir():
        say(f"{folder} is not there: nothing to remove.")
        return
    with contextlib.ExitStack() as locks:
        for lock in sorted(folder.rglob("lock")):
            locks.enter_context(held(lock, "the cache"))
        size = sum(path.lstat().st_size for path in folder.rglob("*"))
        shutil.rmtree(folder)
    say(f"Removed {folder}, {size / 1e6:.0f} MB.")
