"""Measure what the kit takes and write `benchmarks/results.md` with its plot (`make bench`).

    python -m benchmarks [GROUP…] [--rounds N] [--anew]

Rounds are added to those that are kept in `measured.json`; `--anew` forgets a group's first. Brokers and
caches are the benchmarks' own, so that nobody's are disturbed.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import grading, page, set_up, start
from benchmarks.rounds import Measure, Measured
from grader.broker import jars, training

ROUNDS = 7


def main() -> None:
    """Measure, keep, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--anew", action="store_true")
    options = parser.parse_args()
    measured = Measured.load()
    jars.jars(print)
    with tempfile.TemporaryDirectory() as cache:
        shutil.copytree(jars.cache_folder() / "jars", Path(cache) / "jars")
        os.environ["KAFKA_KIT_CACHE"] = cache
        training.train(Path(cache) / "training", {})
        for group in options.groups or GROUPS:
            if options.anew:
                measured.rounds.pop(group, None)
            ways, notes = GROUPS[group]()
            measured.notes[group] = notes
            measured.add(group, ways, options.rounds)
            page.write(measured)


GROUPS: dict[str, Callable[[], tuple[list[Measure], list[str]]]] = {
    start.GROUP: start.ways,
    set_up.GROUP: lambda: ([set_up.measure], []),
    grading.ONE: lambda: (grading.one(), []),
    grading.ALL: lambda: (grading.every(), []),
}

if __name__ == "__main__":
    main()
