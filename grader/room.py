"""How much memory may still be taken: what is free on the machine, or what a control group leaves.

In a container, and under a limit of systemd's, the machine's own figure says nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
# The limit and what is used, in the first and the second version of control groups.
FILES = (("memory.limit_in_bytes", "memory.usage_in_bytes"), ("memory.max", "memory.current"))
# Files that were read lately count as used, and are let go before anything else.
RECLAIMABLE = ("total_inactive_file", "inactive_file")


def free_memory_bytes() -> int:
    """Return the memory that may still be taken."""
    return min([psutil.virtual_memory().available, *_left_in_groups()])


def _left_in_groups() -> Iterator[int]:
    """Yield what each control group around this process leaves; nothing where none limits it."""
    for folder in _groups():
        for limit, used in FILES:
            try:
                most = int((folder / limit).read_text())
                yield most - int((folder / used).read_text()) + _reclaimable(folder)
            except (OSError, ValueError):  # not this version; or `max`, which is no limit
                continue


def _groups() -> Iterator[Path]:
    try:
        lines = OWN.read_text().splitlines()
    except OSError:
        return
    for _, controllers, path in (line.split(":", 2) for line in lines):
        if controllers in {"", "memory"}:
            root = GROUPS / controllers
            inside = root / path.lstrip("/")
            # In a container the path may be the machine's, and the root the container's own group.
            yield from (folder for folder in (inside, *inside.parents) if folder.is_relative_to(root))


def _reclaimable(folder: Path) -> int:
    sizes = dict(line.split(" ", 1) for line in (folder / "memory.stat").read_text().splitlines())
    return next((int(sizes[name]) for name in RECLAIMABLE if name in sizes), 0)
