"""Say what failed in one sentence, and what mends it: the cause is looked for in what was printed."""

import re
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

CAUSE_LINES, UNKNOWN_LINES, LINE_LENGTH = 2, 8, 200
# Measured on Linux x86-64: 54 MB of wheels, held by pip's cache as well, and 216 MB installed; the tests'
# tools are 105 and 306 MB more.
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


def diagnosed(what: str, lines: Sequence[str]) -> Trouble:
    """The cause of a failure, found in what was printed."""
    for pattern, message, cure in CAUSES:
        first = next((place for place, line in enumerate(lines) if re.search(pattern, line)), None)
        if first is not None:
            return Trouble(f"{what} failed: {message}.", cure, shown(lines[first : first + CAUSE_LINES]))
    return Trouble(f"{what} failed.", "Its last lines:", shown(lines[-UNKNOWN_LINES:]))


def shown(lines: Sequence[str]) -> str:
    """Lines to show below a message, without the passwords that addresses may hold."""
    text = "\n".join(f"  {textwrap.shorten(line, LINE_LENGTH)}" for line in lines)
    return re.sub(r"(//)[^/@\s]+@", r"\1***@", text)


def require_space(folder: Path) -> None:
    """Refuse to start what would fill a disk."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise Trouble(
            f"{folder} has {free // 1_000_000} MB free; set-up needs {NEEDED_BYTES // 1_000_000} MB.",
            "Free some space, or name a cache elsewhere in KAFKA_KIT_CACHE, then run it again.",
        )
