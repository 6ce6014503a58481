"""Apache Kafka's jars: fetched once per user, verified against `kafka.lock.toml`, never used half-written.

    .venv/bin/python -m grader.broker.jars         fetch what is missing
    .venv/bin/python -m grader.broker.jars lock    choose the jars anew from COORDINATES (`make lock`)

A jar is put in its place by a rename after its SHA-256 has been found right, so that whatever stands there
is whole and a run that was killed goes on where it stopped. A stamp names the jars once all are there.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError, SetupError

KAFKA_VERSION = "4.3.1"
# kafka-clients is named although kafka_2.13 needs it anyway: joined with the logging binding, which is needed
# because without one the broker logs no requests, jgo resolves it to 3.9.1, and the broker dies.
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    f"org.apache.kafka:kafka-clients:{KAFKA_VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4",
)
LOCK = Path(__file__).with_name("kafka.lock.toml")
CACHE_NAME = "kafka-producers-kit"
SPARE_BYTES = 20_000_000
BETWEEN_REPORTS_S = 0.2
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked jar."""

    group: str
    artifact: str
    version: str
    sha256: str
    size_bytes: int

    @property
    def name(self) -> str:
        """Its file name."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def repository_path(self) -> Path:
        """Its place in a Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, self.name)


def silent(_: str) -> None:
    """Show nothing."""


def jars(progress: Progress = silent) -> tuple[Path, ...]:
    """Return Kafka's jars; fetch those that are missing.

    Once they are there this costs a millisecond: the stamp is read and each jar's size looked at.

    Args:
        progress: Called now and then with a line to show while something is fetched.

    Raises:
        SetupError: They cannot be had; the message says why, the cure what mends it.
    """
    return present() or fetched(progress)


def cache_folder() -> Path:
    """The user's cache of the kit: `KAFKA_KIT_CACHE`, or the folder that platformdirs names."""
    if named := os.environ.get("KAFKA_KIT_CACHE"):
        return Path(named).expanduser().absolute()
    if Path(xdg := os.environ.get("XDG_CACHE_HOME", "").strip()).is_absolute():
        return Path(xdg) / CACHE_NAME
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / CACHE_NAME


def present() -> tuple[Path, ...] | None:
    """The jars, if the stamp of this lock is there and each jar still has its size."""
    folder = cache_folder() / "jars"
    try:
        lines = stamp_path().read_text(encoding="utf-8").splitlines()
        expected = [line.split(" ", 1) for line in lines]
        whole = all((folder / name).stat().st_size == int(size) for size, name in expected)
    except (OSError, ValueError):
        return None
    return tuple(folder / name for _, name in expected) if whole and expected else None


def stamp_path() -> Path:
    """The stamp of this very lock: another lock has another."""
    return cache_folder() / "jars" / f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}.complete"


def locked_jars() -> tuple[Jar, ...]:
    """The jars that the lock names."""
    import tomllib  # 10 ms that the usual way does not need

    table = tomllib.loads(LOCK.read_text(encoding="utf-8"))
    return tuple(Jar(**entry) for entry in table["jar"])


def damaged() -> tuple[str, ...]:
    """Names of jars that are missing or are not what the lock says; reads them all."""
    folder = cache_folder() / "jars"
    return tuple(jar.name for jar in locked_jars() if not is_right(folder / jar.name, jar))


def is_right(path: Path, jar: Jar) -> bool:
    """Whether a file is the locked jar, by size and SHA-256."""
    try:
        if path.stat().st_size != jar.size_bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


def fetched(progress: Progress) -> tuple[Path, ...]:
    """Fetch what is missing, under a lock; a second run waits, and finds it done."""
    folder = cache_folder() / "jars"
    with told(folder), held(folder / "lock", progress):
        if paths := present():
            return paths
        for leftover in folder.glob("part-*"):
            shutil.rmtree(leftover)
        missing = [jar for jar in locked_jars() if not is_right(folder / jar.name, jar)]
        with tempfile.TemporaryDirectory(prefix="part-", dir=folder) as staging:
            fill(missing, folder, Path(staging), progress)
            stamp(Path(staging))
    paths = present()
    if paths is None:
        raise SetupError(f"Jars vanished from {folder} while they were fetched.", cure="Run it again.")
    return paths


class Meter:
    """Says what comes in: a line before and a line after; on a terminal one that runs between them."""

    def __init__(self, wanted: Sequence[Jar], progress: Progress) -> None:
        self.count, self.total = len(wanted), sum(jar.size_bytes for jar in wanted)
        self.jars = self.bytes = 0
        self.progress = progress
        self.runs = progress is not silent and sys.stderr.isatty()
        self.guard = threading.Lock()
        self.start_s = self.shown_s = time.monotonic()

    def begin(self) -> None:
        """Say what is wanted."""
        self.progress(
            f"Fetching Apache Kafka {KAFKA_VERSION}: {self.count} jars, {self.total / 1e6:.1f} MB …"
        )

    def add(self, count: int) -> None:
        """Count a piece; called from several threads."""
        with self.guard:
            self.bytes += count
            if self.runs and time.monotonic() > self.shown_s + BETWEEN_REPORTS_S:
                self.shown_s = time.monotonic()
                jars, megabytes = f"{self.jars} of {self.count} jars", f"{self.bytes / 1e6:.1f}"
                sys.stderr.write(f"\r\033[K  {jars}, {megabytes} of {self.total / 1e6:.1f} MB")
                sys.stderr.flush()

    def done(self) -> None:
        """Count a jar."""
        with self.guard:
            self.jars += 1

    def end(self) -> None:
        """Take the running line away."""
        if self.runs:
            sys.stderr.write("\r\033[K")
        if self.jars == self.count:
            self.progress(f"Fetched {self.count} jars in {time.monotonic() - self.start_s:.0f} s.")


def fill(missing: Sequence[Jar], folder: Path, staging: Path, progress: Progress) -> None:
    """Put the missing jars into the folder: from Maven's own repository, else from the network."""
    if not missing:
        return
    needed, free = sum(jar.size_bytes for jar in missing) + SPARE_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(
            f"{folder} has {free // 10**6} MB free; Apache Kafka needs {needed // 10**6} MB there.",
            cure="Free some space, or name a cache elsewhere in KAFKA_KIT_CACHE.",
        )
    from grader.broker import maven  # the network's libraries, 200 ms

    local, still = maven.configured().local, []
    for jar in missing:
        copied = staging / jar.name
        if is_right(local / jar.repository_path, jar) and shutil.copyfile(
            local / jar.repository_path, copied
        ):
            accept(copied, jar, folder)
        else:
            still.append(jar)
    if still:
        download(still, folder, staging, Meter(still, progress))


def download(wanted: Sequence[Jar], folder: Path, staging: Path, meter: Meter) -> None:
    """Put jars from the network into the folder, each as it comes."""
    from grader.broker import maven

    by_coordinate = {(jar.group, jar.artifact, jar.version): jar for jar in wanted}
    meter.begin()
    try:
        for coordinate, path in maven.fetch(by_coordinate, staging, meter.add):
            accept(path, by_coordinate[coordinate], folder)
            meter.done()
    finally:
        meter.end()


def accept(path: Path, jar: Jar, folder: Path) -> None:
    """Put a jar into its place if it is the right one; remove it if not."""
    if not is_right(path, jar):
        size = path.stat().st_size
        path.unlink()
        raise SetupError(
            f"{jar.name} came with {size} bytes that are not those of the lock ({jar.size_bytes} bytes, "
            f"SHA-256 {jar.sha256[:12]}…); it was removed.",
            cure="Run it again; if that repeats, a mirror or proxy alters what it passes on: go without it.",
        )
    path.replace(folder / jar.name)


def stamp(staging: Path) -> None:
    """Say that all jars are there, in one step."""
    part = staging / "stamp"
    part.write_text("".join(f"{jar.size_bytes} {jar.name}\n" for jar in locked_jars()), encoding="utf-8")
    part.replace(stamp_path())


@contextlib.contextmanager
def held(path: Path, progress: Progress) -> Iterator[None]:
    """Hold a lock file while the block runs; wait, and say so, while another run holds it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("Another run is fetching Apache Kafka: waiting for it.")
                fcntl.flock(file, fcntl.LOCK_EX)
            # Whoever held it may have removed the cache; then this lock is on a file that nobody else sees.
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                yield
                return


@contextlib.contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence with its cure."""
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"Apache Kafka could not be stored in {folder}: {error.strerror or error}.",
            cure="Free some space, make the folder yours (chown), or name another cache in KAFKA_KIT_CACHE.",
        ) from error


def resolved() -> tuple[Jar, ...]:
    """Resolve COORDINATES to all jars that they need; slow, for it reads hundreds of descriptions."""
    from jgo.maven import MavenContext, PythonResolver

    with tempfile.TemporaryDirectory() as empty:
        context = MavenContext(repo_cache=Path(empty))
        wanted = [context.create_dependency(coordinate) for coordinate in COORDINATES]
        named, needed = PythonResolver().resolve(wanted)
        return tuple(
            Jar(
                found.groupId,
                found.artifactId,
                found.version,
                hashlib.sha256(path.read_bytes()).hexdigest(),
                path.stat().st_size,
            )
            for found in sorted({*named, *needed}, key=lambda found: (found.groupId, found.artifactId))
            if (path := found.artifact.resolve())
        )


def write_lock(chosen: Iterable[Jar]) -> None:
    """Write the lock."""
    lines = [
        "# Made by `make lock` from COORDINATES in jars.py; every jar that is fetched must match its line."
    ]
    for jar in chosen:
        lines += ["", "[[jar]]", f'group = "{jar.group}"', f'artifact = "{jar.artifact}"']
        lines += [f'version = "{jar.version}"', f'sha256 = "{jar.sha256}"', f"size_bytes = {jar.size_bytes}"]
    part = LOCK.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(LOCK)


def main(arguments: Sequence[str]) -> int:
    """Fetch the jars, or choose them anew."""
    try:
        if arguments == ["lock"]:
            write_lock(resolved())
        else:
            jars(lambda text: print(text, file=sys.stderr))
    except GraderError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
