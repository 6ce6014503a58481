"""The wheels that a lock names: fetched once per user, kept each as soon as it has come."""

import contextlib
import hashlib
import os
import re
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from environment.cache import cache_folder, held, remove, write_whole
from environment.step import run, say
from environment.trouble import require_space

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def pip(*arguments: str) -> tuple[str, ...]:
    """A pip command of `.venv` that installs wheels by hash and nothing else."""
    strict = (
        "--require-hashes",
        "--only-binary=:all:",
        "--no-deps",
        "--no-input",
        "--disable-pip-version-check",
    )
    return (str(PYTHON), "-I", "-m", "pip", *arguments, *strict)


def wheels_folder() -> Path:
    """Where wheels for this Python and machine are kept."""
    return cache_folder() / "wheels" / f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"


def mark_of(lock: str) -> Path:
    """The file that says that all wheels of this very lock are kept; it lists them."""
    return wheels_folder() / f"{sha256(ROOT / lock)[:16]}.complete"


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def wheels(lock: str) -> Path | None:
    """The folder of kept wheels, if all of a lock are there."""
    try:
        names = mark_of(lock).read_text().splitlines()
    except OSError:
        return None
    return wheels_folder() if all((wheels_folder() / name).is_file() for name in names) else None


def fetch(lock: str, venv_lock: int) -> Path:
    """Fetch the wheels of a lock that are not kept yet; each is kept as soon as it has come."""
    folder, text = wheels_folder(), (ROOT / lock).read_text()
    with held(folder / "lock", "the cache") as cache_lock:
        if kept := wheels(lock):
            return kept
        for leftover in folder.glob("part-*"):
            remove(leftover)
        require_space(folder)
        had = {digest for wheel in folder.glob("*.whl") if (digest := sha256(wheel)) in text}
        pins = [pin for pin in re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:] if "'win32'" not in pin]
        missing = [pin for pin in pins if had.isdisjoint(re.findall(r"sha256:(\w+)", pin))]
        say(f"Fetching {len(missing)} Python packages …")
        start_s = time.monotonic()
        new = download("".join(missing), folder, (venv_lock, cache_lock)) if missing else []
        names = sorted(wheel.name for wheel in folder.glob("*.whl") if sha256(wheel) in text)
        write_whole(mark_of(lock), "".join(f"{name}\n" for name in names).encode())
        size = sum((folder / name).stat().st_size for name in new)
        say(f"Fetched {len(new)} packages, {size / 1e6:.0f} MB, in {time.monotonic() - start_s:.0f} s.")
        return folder


def download(pins: str, folder: Path, locks: tuple[int, ...]) -> list[str]:
    """Let pip download wheels as the user has set it up, and keep them; return their names."""
    part = Path(tempfile.mkdtemp(prefix="part-", dir=folder))
    temporary, wanted, come = part / "tmp", part / "wanted.lock", part / "wheels"
    temporary.mkdir()
    wanted.write_text(pins)

    def keep() -> None:
        # pip hands nothing over before all have come, and a mirror may forbid it to use its own cache.
        with contextlib.suppress(OSError):  # pip removes its folders when it likes
            for wheel in temporary.glob("*/*.whl"):
                if not (folder / wheel.name).exists() and sha256(wheel) in pins:
                    os.link(wheel, folder / wheel.name)

    variables = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    command = pip("download", "--dest", str(come), "-r", str(wanted))
    run(
        "Fetching packages",
        command,
        locks=locks,
        variables=variables | {"TMPDIR": str(temporary)},
        each=keep,
    )
    names = sorted(wheel.name for wheel in come.glob("*.whl"))
    for name in names:
        (come / name).replace(folder / name)
    remove(part)
    return names
