"""Figures of the set-up: from nothing, from a filled cache, and where all is there already."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

GROUP = "set-up"
KIT = Path(__file__).parent.parent
COLD, DOWNLOADS, KEPT, AGAIN = (
    "from nothing",
    "of it downloads",
    "from a filled cache",
    "all is there already",
)
GRADE = ("make", "grade", "EX=01_hello_kafka")
CACHES = ("KAFKA_KIT_CACHE", "PIP_CACHE_DIR", "M2_REPO")


def measure() -> Mapping[str, float]:
    """Clone the kit and grade a stub there, which needs no broker: what is left is the set-up."""
    with tempfile.TemporaryDirectory() as home:
        clone = Path(home) / "kit"
        subprocess.run(("git", "clone", "--quiet", "--no-hardlinks", KIT, clone), check=True)  # noqa: S607
        variables = {**os.environ, **{name: f"{home}/{name}" for name in CACHES}}
        found = {}
        found[COLD], said = _timed(clone, variables)
        found[DOWNLOADS] = sum(
            float(each) for each in re.findall(r"^Fetched .* in (\d+) s\.$", said, re.MULTILINE)
        )
        found[AGAIN], _ = _timed(clone, variables)
        shutil.rmtree(clone / ".venv")
        found[KEPT], _ = _timed(clone, variables)
        return found


def _timed(clone: Path, variables: Mapping[str, str]) -> tuple[float, str]:
    began = time.monotonic()
    done = subprocess.run(GRADE, cwd=clone, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return time.monotonic() - began, done.stderr
