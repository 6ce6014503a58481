"""Make `.venv`, in which everything of the kit runs, from the locks; every target of make calls this.

    python environment.py [--dev]          make .venv; does nothing where it is what the locks say
    python environment.py --clean-cache    remove what set-up has fetched for this user

Only the standard library is used, for nothing else is there yet. A run may be killed at any moment: what
counts is the stamp, a copy of the installed lock, which is put into `.venv` last and taken away first.
Wheels are kept in the user's cache, so that another `.venv` needs no network.
"""

import contextlib
import errno
import hashlib
import importlib.util
import os
import re
import select
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

try:
    import fcntl
except ImportError:
    sys.exit("The kit does not run on Windows itself; it does in WSL2: wsl --install, then clone it there.")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME, DEV = "requirements.lock", "requirements-dev.lock"
CACHE_NAME = "kafka-producers-kit"
COULD_NOT_EXIT, INTERRUPTED_EXIT = 3, 130
KEPT_LINES = 40  # of pip's output, to find the cause in
SHOWN_LINES = 6

NEEDED_BYTES = 500_000_000
WRONG_CONTENT = "a fetched package is not the one that the lock names"

# What pip and the operating system print, the sentence for it, and its cure; the first that matches counts.
CAUSES = (
    ("No space left|Disk quota exceeded", "the disk is full", "Free some space, then run it again."),
    (
        "Permission denied|Operation not permitted|Read-only file system",
        "a file or folder may not be written",
        "Make this folder and the cache yours (chown), or name another cache in KAFKA_KIT_CACHE.",
    ),
    (
        "ProxyError|connect to proxy|Proxy Authentication",
        "the proxy cannot be reached or refuses",
        "Correct or unset HTTPS_PROXY, or pip's `proxy` setting, then run it again.",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED|SSLError",
        "the package index shows a certificate that this machine does not trust",
        "Name your network's certificate file in PIP_CERT, then run it again.",
    ),
    (
        "DO NOT MATCH THE HASHES|not a zip file|invalid wheel",
        WRONG_CONTENT,
        "Run `make clean-cache`, then run it again; if a mirror is set for pip, go without it.",
    ),
    (
        "ConnectionError|unreachable|[Tt]imed out|Connection (?:refused|reset|aborted|broken)|Max retries",
        "the package index cannot be reached",
        "Look at the network (and at pip's `index-url`), then run it again: it goes on from here.",
    ),
    (
        "No matching distribution|from versions:",
        "a package has no build for this Python on this machine",
        "Use Python 3.11, 3.12 or 3.13 on macOS or a glibc Linux: make grade PYTHON=python3.12",
    ),
)


class Trouble(Exception):
    """What failed, what mends it, and the last lines of whatever failed."""

    def __init__(self, message: str, cure: str, detail: str = "") -> None:
        super().__init__("\n".join(part for part in (message, cure, detail) if part))


def say(text: str, end: str = "\n") -> None:
    """Write progress where it does not mix with output."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


def cache_folder() -> Path:
    """The user's cache of the kit: `KAFKA_KIT_CACHE`, or the folder that platformdirs names."""
    if named := os.environ.get("KAFKA_KIT_CACHE"):
        return Path(named).expanduser().absolute()
    if Path(xdg := os.environ.get("XDG_CACHE_HOME", "").strip()).is_absolute():
        return Path(xdg) / CACHE_NAME
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / CACHE_NAME


def base_python() -> str:
    """The interpreter below any virtual environment, by its real path: its removal must show."""
    return os.path.realpath(sys.executable)


def ready(lock: str) -> bool:
    """Whether `.venv` holds all that this lock names, and this Python made it."""
    try:
        same = (VENV / lock).read_bytes() == (ROOT / lock).read_bytes()
    except OSError:
        return False
    return same and os.path.realpath(PYTHON) == base_python()


@contextlib.contextmanager
def held(path: Path, what: str) -> Iterator[int]:
    """Hold a lock file while the block runs; wait, and say so, while another run holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
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


def redacted(text: str) -> str:
    """Text without the passwords that addresses may hold."""
    return re.sub(r"(//)[^/@\s]+@", r"\1***@", text)


def diagnosed(what: str, lines: Sequence[str]) -> Trouble:
    """The cause of a failure, found in what was printed."""
    text = "\n".join(lines)
    detail = redacted("\n".join(lines[-SHOWN_LINES:]))
    for pattern, message, cure in CAUSES:
        if re.search(pattern, text):
            return Trouble(f"{what} failed: {message}.", cure, detail)
    return Trouble(f"{what} failed.", "Its last lines:", detail)


class Progress:
    """One line that is written over on a terminal, and nothing elsewhere."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.start_s = time.monotonic()

    def show(self, text: str = "") -> None:
        """Show a text, or the one before with the seconds gone on."""
        self.text = text or self.text
        if sys.stderr.isatty():
            say(f"\r\033[K  {self.text}, {time.monotonic() - self.start_s:.0f} s", end="")

    def clear(self) -> None:
        """Take the line away."""
        if sys.stderr.isatty():
            say("\r\033[K", end="")


def lines_of(output: int, progress: Progress) -> Iterator[str]:
    """Lines as a process prints them, while the progress line goes on once a second."""
    pending, chunk = b"", b"\n"
    while chunk:
        if not select.select([output], [], [], 1.0)[0]:
            progress.show()
            continue
        chunk = os.read(output, 65536)
        *lines, pending = (pending + chunk).split(b"\n")
        yield from (line.decode(errors="replace").rstrip() for line in lines)
    yield pending.decode(errors="replace").rstrip()


def run(what: str, command: Sequence[str], *, lock: int, variables: dict[str, str] | None = None) -> None:
    """Run a step of the set-up, with progress; a step that fails becomes Trouble.

    Args:
        lock: Descriptor of the held lock. The step keeps it: should this process be killed, the next run
            waits until the orphan has ended too.
    """
    progress, kept, count = Progress(what), deque[str](maxlen=KEPT_LINES), 0
    output, end = os.pipe()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=end, stderr=end, env=variables, pass_fds=(lock,), cwd=ROOT
    )
    os.close(end)
    try:
        for line in lines_of(output, progress):
            kept.append(line)
            count += line.startswith("Collecting ")
            if found := re.match(r"\s*(?:Downloading|Using cached) (\S+?)-.*\((.+)\)", line):
                progress.show(f"package {count}: {found[1]} ({found[2]})")
            elif "Retrying" in line:
                progress.show("no answer, trying again")
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        os.close(output)
        progress.clear()
    if code != 0:
        raise diagnosed(what, [line for line in kept if line])


def require_space(folder: Path) -> None:
    """Refuse to start what would fill a disk."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise Trouble(
            f"{folder} has {free // 1_000_000} MB free; set-up needs {NEEDED_BYTES // 1_000_000} MB.",
            "Free some space, or name a cache elsewhere in KAFKA_KIT_CACHE, then run it again.",
        )


def make_venv(lock: int) -> None:
    """Make an empty `.venv` in place of whatever is there."""
    for child in VENV.iterdir():
        if child.name != "lock":
            remove(child)
    version = ".".join(map(str, sys.version_info[:3]))
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        short = "python{}.{}".format(*sys.version_info)
        raise Trouble(
            f"Python {version} ({base_python()}) cannot make .venv: its module ensurepip is missing.",
            f"Debian, Ubuntu: sudo apt install {short}-venv. Or name another Python: make grade PYTHON=…",
        )
    say(f"Making .venv with Python {version} …")
    run("Making .venv", (base_python(), "-I", "-m", "venv", str(VENV)), lock=lock)


def remove(path: Path) -> None:
    """Remove a file or a folder, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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


def wheels(lock: str) -> Path | None:
    """The kept wheels of a lock for this Python and machine, if all are there."""
    folder = cache_folder() / "wheels"
    try:
        names = mark_of(lock).read_text().splitlines()
    except OSError:
        return None
    return folder if all((folder / name).is_file() for name in names) else None


def mark_of(lock: str) -> Path:
    """The file that says that all wheels of a lock are kept; it lists them."""
    digest = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()[:16]
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    return cache_folder() / "wheels" / f"{digest}-{tag}.complete"


def fetch(lock: str, venv_lock: int) -> Path:
    """Fetch the wheels of a lock into the user's cache; pip's own cache lets it resume."""
    folder = cache_folder() / "wheels"
    with held(folder / "lock", "the cache"):
        for leftover in folder.glob("part-*"):
            remove(leftover)
        if kept := wheels(lock):
            return kept
        require_space(folder)
        part = Path(tempfile.mkdtemp(prefix="part-", dir=folder))
        count = len(re.findall(r"^\S+==", (ROOT / lock).read_text(), re.MULTILINE))
        say(f"Fetching about {count} Python packages …")
        start_s = time.monotonic()
        allowed = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
        command = pip("download", "--dest", str(part / "wheels"), "-r", lock)
        (part / "tmp").mkdir()
        run("Fetching packages", command, lock=venv_lock, variables=allowed | {"TMPDIR": str(part / "tmp")})
        fetched = sorted((part / "wheels").iterdir())
        size = sum(wheel.stat().st_size for wheel in fetched)
        for wheel in fetched:
            wheel.replace(folder / wheel.name)
        write_whole(mark_of(lock), "".join(f"{wheel.name}\n" for wheel in fetched).encode())
        remove(part)
        say(f"Fetched {len(fetched)} packages, {size / 1e6:.0f} MB, in {time.monotonic() - start_s:.0f} s.")
        return folder


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or not there."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def install(lock: str, venv_lock: int) -> None:
    """Install the wheels of a lock into `.venv`, then set its stamp."""
    kept = wheels(lock)
    start_s = time.monotonic()
    try:
        install_from(kept or fetch(lock, venv_lock), lock, venv_lock)
    except Trouble as trouble:
        if not kept or WRONG_CONTENT not in str(trouble):
            raise
        mark_of(lock).unlink(missing_ok=True)  # a kept wheel went bad: fetch it anew, once
        install_from(fetch(lock, venv_lock), lock, venv_lock)
    say(f"Installed {lock.removesuffix('.lock')} into .venv in {time.monotonic() - start_s:.0f} s.")


def install_from(folder: Path, lock: str, venv_lock: int) -> None:
    """Install kept wheels; no setting of the user's can lead pip elsewhere, and no network is used."""
    temporary = VENV / "tmp"
    temporary.mkdir(exist_ok=True)
    settings = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    settings |= {"PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(temporary)}
    command = pip("install", "--no-index", "--find-links", str(folder), "-r", lock)
    run("Installing packages", command, lock=venv_lock, variables=settings)
    remove(temporary)


def make_ready(locks: Sequence[str]) -> None:
    """Bring `.venv` to what the locks say, if it is not there already."""
    if all(ready(lock) for lock in locks):
        return
    if VENV.exists() and not any((VENV / name).exists() for name in ("lock", "pyvenv.cfg")):
        raise Trouble(f"{VENV} is there and is no Python environment.", f"Move it away: mv {VENV} {VENV}.old")
    with held(VENV / "lock", ".venv") as venv_lock:
        missing = [lock for lock in locks if not ready(lock)]
        if RUNTIME in missing or (VENV / DEV).exists():
            missing = list(locks)
            require_space(VENV)
            make_venv(venv_lock)
        stamps = [*(lock for lock in (RUNTIME, DEV) if ready(lock)), *missing]
        for lock in stamps:
            (VENV / lock).unlink(missing_ok=True)
        for lock in missing:
            install(lock, venv_lock)
        for lock in stamps:
            write_whole(VENV / lock, (ROOT / lock).read_bytes())


def clean_cache() -> None:
    """Remove everything that was fetched for this user."""
    folder = cache_folder()
    if not folder.is_dir():
        say(f"{folder} is not there: nothing to remove.")
        return
    with contextlib.ExitStack() as locks:
        for lock in sorted(folder.glob("*/lock")):
            locks.enter_context(held(lock, "the cache"))
        size = sum(path.lstat().st_size for path in folder.rglob("*"))
        shutil.rmtree(folder)
    say(f"Removed {folder}, {size / 1e6:.0f} MB.")


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; the exit code says whether it could be done."""
    try:
        if arguments == ["--clean-cache"]:
            clean_cache()
        elif list(arguments) in ([], ["--dev"]):
            make_ready((RUNTIME, DEV) if arguments else (RUNTIME,))
        else:
            say("usage: python environment.py [--dev | --clean-cache]")
            return 2
    except KeyboardInterrupt:
        say("Stopped. The next run goes on from here.")
        return INTERRUPTED_EXIT
    except Trouble as trouble:
        say(str(trouble))
        return COULD_NOT_EXIT
    except OSError as error:
        say(str(diagnosed("Set-up", [str(error)])))
        return COULD_NOT_EXIT
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
