"""What works on this machine, what does not, and what mends it."""

import importlib.metadata
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from grader import room
from grader.broker import jars
from grader.broker.java import java
from grader.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
KAFKA_PORT = 9092  # the one that the lesson writes outright
# A broker takes 350 MB at most, a grading 150 MB; a cluster of three and the programs come on top.
SPARSE_MEMORY_BYTES, LITTLE_MEMORY_BYTES = 768_000_000, 1_500_000_000
LITTLE_DISK_BYTES = 500_000_000
ANSWER_LIMIT_S = 10.0
PROBLEM_EXIT = 3

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: `ok`; `note` where something is left out or slower; `problem` where grading fails.
        cure: What mends it, where something is to be mended.
    """

    subject: str
    state: State
    said: str
    cure: str = ""


def main() -> int:
    """Print what was found; 3 when something keeps the kit from grading."""
    findings = report_on_machine()
    print(as_text(findings))
    return PROBLEM_EXIT if any(finding.state == "problem" for finding in findings) else 0


def as_text(findings: list[Finding]) -> str:
    """The findings as lines for people, and a closing line that counts."""
    width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.state:<8} {finding.subject:<{width}}  {finding.said}")
        if finding.cure:
            lines.append(f"{'':<8} {'':<{width}}  → {finding.cure}")
    problems = sum(finding.state == "problem" for finding in findings)
    closing = {0: "Grading works here.", 1: "1 problem keeps grading from working here."}
    return "\n".join(
        [*lines, "", closing.get(problems, f"{problems} problems keep grading from working here.")]
    )


def report_on_machine() -> list[Finding]:
    """Look at everything that grading rests on."""
    return [finding for look in LOOKS for finding in look()]


def at_platform() -> Iterator[Finding]:
    """The operating system: Linux, macOS and WSL2 are graded on."""
    name = f"{platform.system()} {platform.release()} on {platform.machine()}"
    if sys.platform == "win32":
        yield Finding("system", "problem", name, "Use WSL2: wsl --install, then clone the kit inside it.")
    elif "microsoft" in platform.release().lower() and ROOT.is_relative_to("/mnt"):
        yield Finding(
            "system", "note", f"{name}, on a Windows drive", "Clone into your Linux home: much faster."
        )
    elif sys.platform == "darwin":
        yield Finding("system", "note", f"{name}: programs run without isolation, for practice only")
    else:
        yield Finding("system", "ok", name)


def at_python() -> Iterator[Finding]:
    """The interpreter, and whether its packages are those of the lock."""
    version, here = platform.python_version(), f"{sys.prefix}"
    if sys.version_info < OLDEST_PYTHON:
        yield Finding("Python", "problem", f"{version}, too old", "make grade PYTHON=python3.12")
        return
    yield Finding("Python", "ok", f"{version} in {here}")
    lock = ROOT / "requirements.lock"
    stamp = Path(sys.prefix) / lock.name
    packages = f"kafka-python {importlib.metadata.version('kafka-python')}"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        yield Finding("packages", "ok", f"{packages} and the others are those of {lock.name}")
    else:
        cure = "Run `make doctor`, which makes .venv from it."
        yield Finding("packages", "note", f"{packages}; not installed from {lock.name}", cure)


def at_java() -> Iterator[Finding]:
    """The Java that Kafka runs on, started once."""
    try:
        found = java()
    except SetupError as error:
        yield Finding("Java", "problem", error.message, error.cure)
        return
    said = f"{found.release} from {found.origin}"
    answer = answer_of(str(found.path), "-version")
    if answer is None or answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or ["no answer"])[-1] if answer else "no answer"
        cure = "Remove .venv and run `make doctor`; on a musl Linux use the dev container."
        yield Finding("Java", "problem", f"{said} does not start: {last}", cure)
    else:
        yield Finding("Java", "ok", said)


def at_jars() -> Iterator[Finding]:
    """Apache Kafka's jars, each by its SHA-256."""
    locked = jars.locked_jars()
    damaged = jars.damaged()
    said = f"Apache Kafka {jars.KAFKA_VERSION}, {len(locked)} jars in {jars.cache_folder()}"
    if not damaged and jars.present():
        yield Finding("Kafka", "ok", said)
    elif jars.present():
        cure = "Run `make clean-cache`; the next grading fetches them again."
        yield Finding("Kafka", "problem", f"{said}: {', '.join(damaged)} not as the lock says", cure)
    else:
        size = sum(jar.size_bytes for jar in locked) / 1e6
        yield Finding(
            "Kafka", "note", f"{said}: {len(damaged)} to be fetched yet", f"`make grade` does: {size:.0f} MB"
        )


def at_ports() -> Iterator[Finding]:
    """A free port on the loopback address, and port 9092."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield Finding("free port", "ok", f"127.0.0.1:{server.getsockname()[1]} could be opened")
    except OSError as error:
        cure = "Look at what limits this account: a firewall, a sandbox, `ulimit -n`."
        yield Finding("free port", "problem", f"none can be opened on 127.0.0.1: {error}", cure)
    subject = f"port {KAFKA_PORT}"
    if holders := holders_of(KAFKA_PORT):
        cure = (
            "Only for programs that write localhost:9092 outright; end it, or read KAFKA_BOOTSTRAP_SERVERS."
        )
        yield Finding(subject, "note", f"held by {', '.join(holders)}", cure)
    else:
        yield Finding(subject, "ok", "free")


def holders_of(port: int) -> list[str]:
    """Who listens on a port, as far as this account may know."""
    try:
        pids = {
            found.pid
            for found in psutil.net_connections("tcp")
            if is_listener(found.status, found.laddr, port)
        }
    except psutil.AccessDenied:  # macOS tells root alone
        pids = {process.pid for process in psutil.process_iter() if listens(process, port)}
    if pids:
        return sorted(described(pid) for pid in pids)
    try:
        with socket.create_server(("127.0.0.1", port)):
            return []
    except OSError:
        return ["a process of another user"]


def is_listener(status: str, address: tuple[str, int] | tuple[()], port: int) -> bool:
    """Whether a connection in this state, at this address, listens on this port."""
    return status == psutil.CONN_LISTEN and address[1:2] == (port,)


def listens(process: psutil.Process, port: int) -> bool:
    """Whether a process listens on this port; one that may not be looked at does not."""
    try:
        return any(is_listener(found.status, found.laddr, port) for found in process.net_connections("tcp"))
    except psutil.Error:
        return False


def described(pid: int | None) -> str:
    """A process by its name and id."""
    if pid is None:
        return "a process of another user"
    try:
        return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        return f"process {pid}"


def at_localhost() -> Iterator[Finding]:
    """What `localhost` means here: a client may try ::1 first, where the kit does not listen."""
    try:
        found = [
            entry[4][0] for entry in socket.getaddrinfo("localhost", KAFKA_PORT, type=socket.SOCK_STREAM)
        ]
    except OSError as error:
        cure = "Add the line `127.0.0.1 localhost` to /etc/hosts."
        yield Finding("localhost", "problem", f"is not known: {error}", cure)
        return
    addresses = ", ".join(map(str, dict.fromkeys(found)))
    if "127.0.0.1" not in found:
        cure = "Add the line `127.0.0.1 localhost` to /etc/hosts."
        yield Finding("localhost", "problem", f"is {addresses}, not 127.0.0.1", cure)
    else:
        later = (
            " (clients ask ::1 first, are refused, and go on to 127.0.0.1)" if found[0] != "127.0.0.1" else ""
        )
        yield Finding("localhost", "ok", f"is {addresses}{later}")


def at_space() -> Iterator[Finding]:
    """Room on the disks that are written to, and in memory."""
    for subject, folder in (
        ("cache disk", existing(jars.cache_folder())),
        ("work disk", Path(tempfile.gettempdir())),
    ):
        free = shutil.disk_usage(folder).free
        said = f"{free / 1e9:.1f} GB free at {folder}"
        if free < LITTLE_DISK_BYTES:
            yield Finding(
                subject, "problem", said, f"Free some: grading needs {LITTLE_DISK_BYTES // 10**6} MB there."
            )
        else:
            yield Finding(subject, "ok", said)
    free = room.free_memory_bytes()
    state: State = "problem" if free < SPARSE_MEMORY_BYTES else "note" if free < LITTLE_MEMORY_BYTES else "ok"
    cure = "" if state == "ok" else "Close other programs: three brokers at once need 1.5 GB."
    yield Finding("memory", state, f"{free / 1e9:.1f} GB available", cure)


def existing(folder: Path) -> Path:
    """A folder, or the nearest one above it that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def at_docker() -> Iterator[Finding]:
    """A container engine; nothing needs one, `--broker docker` uses it."""
    answer = (
        answer_of("docker", "version", "--format", "{{.Server.Version}}") if shutil.which("docker") else None
    )
    if answer is not None and answer.returncode == 0:
        yield Finding("Docker", "ok", f"engine {answer.stdout.strip()}")
    else:
        said = "no engine answers" if shutil.which("docker") else "not installed"
        yield Finding("Docker", "note", f"{said}; only `--broker docker` would use it")


def answer_of(*command: str) -> subprocess.CompletedProcess[str] | None:
    """What a command prints, or None where it cannot be started or hangs."""
    quiet = {
        name: value
        for name, value in os.environ.items()
        if name not in {"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"}
    }
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=ANSWER_LIMIT_S, check=False, env=quiet
        )
    except (OSError, subprocess.SubprocessError):
        return None


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    at_platform,
    at_python,
    at_java,
    at_jars,
    at_ports,
    at_localhost,
    at_space,
    at_docker,
)
