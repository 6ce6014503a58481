"""Options of the Java virtual machine, and the cache that makes Kafka's start short.

The classes that a start loads and links can be kept: from Java 25 on in an ahead-of-time cache (JEP 483,
514, 515), before in a class-data archive (JEP 350). Either fits one Java, one set of jars and one set of
flags: its name is made of all three, so that a stale one is never looked at. A virtual machine falls back
in silence when it cannot use one; it is told to refuse instead, so that every start that came up did use it.
"""

import hashlib
import os
from pathlib import Path

from grader.broker.jars import cache_folder, jars
from grader.broker.java import java

# Measured on two cores, to the first acknowledged record and after 20,000 more (30 MB): all compiler tiers
# cost 7.2 s of the processor and 227 MB resident, the first alone 3.6 to 5 s and 158 to 192 MB; collectors
# could not be told apart. Heaps of 64, 96 and 128 MB end at 162, 173 and 184 MB, one of 192 with its cache
# at 204: it is the smallest whose old generation, two thirds, holds the longest request that a relay passes
# on, 100 MB. Performance data would be a file in the machine's temporary folder, left by whoever is killed.
BASE = ("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData")
AOT_SINCE = 25
AOT, ARCHIVE = ".aot", ".jsa"
SWITCH = "KAFKA_KIT_AOT"
# What the virtual machine writes when it refuses to start with a cache; Java 17 crashes on one cut short.
REFUSALS = (
    "Unable to use AOT cache",
    "Unable to use shared archive",
    "An error has occurred while processing the shared archive",
    "FileMapInfo::",
    "Error occurred during initialization of VM",
)


def options() -> tuple[str, ...]:
    """Return the options for a broker's start: with the cache where there is one."""
    path = cache_path()
    if path is None or not path.exists():
        return BASE
    if path.suffix == AOT:
        return (*BASE, f"-XX:AOTCache={path}", "-XX:AOTMode=on")
    return (*BASE, f"-XX:SharedArchiveFile={path}", "-Xshare:on")


def training_options(output: Path) -> tuple[str, ...]:
    """Return the options of a start that writes a cache to `output` when it stops gently."""
    kept_as = "AOTCacheOutput" if kind() == AOT else "ArchiveClassesAtExit"
    return (*BASE, f"-XX:{kept_as}={output}")


def kind() -> str:
    """Return the ending of what this Java can keep."""
    return AOT if java().version >= AOT_SINCE else ARCHIVE


def was_refused(output: str) -> bool:
    """Whether a virtual machine that printed this ended because it could not use its cache."""
    return any(refusal in output for refusal in REFUSALS)


def discard() -> None:
    """Remove a cache that was refused; the next start is a plain one."""
    path = cache_path()
    if path is not None:
        path.unlink(missing_ok=True)


def cache_path() -> Path | None:
    """Return where the cache for this Java, these jars and these flags lives; None where there is none."""
    if os.environ.get(SWITCH) == "off":
        return None
    stamp = java().path.stat()
    # Layers of an image keep whole seconds: a cache made before it is packed has to fit afterwards.
    parts = [str(java().path), str(stamp.st_size), str(int(stamp.st_mtime)), *map(str, jars()), *BASE]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return cache_folder() / "aot" / f"{key[:16]}{kind()}"
