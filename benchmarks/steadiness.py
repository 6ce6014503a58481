"""How often a program gets the same verdict: each is graded many times, with one seed.

    python -m benchmarks.steadiness TIMES PROGRAM…

A program is a folder of `tests/submissions/`, such as `02_message_keys/no-flush`, or a solution, such as
`02_message_keys`. A verdict is steady when every outcome, sentence and remark is as recorded each time.
"""

import json
import sys
import time
from collections import Counter

from grader import exercise
from tests import corpus
from tests.corpus import Program

SEED = 1
ROUND = 10


def program(name: str) -> Program:
    """Return the program of this name with its recorded verdict; a solution's is that all checks pass."""
    recorded = {each.id: each for each in corpus.programs()}
    if name in recorded:
        return recorded[name]
    checks = exercise.load(name, seed=SEED).rubric.checks
    outcomes = {check.id: "passed" for check, _ in checks}
    return Program(name, "(solution)", exercise.SOLUTIONS / name, {"outcomes": outcomes})


def main(times: int, names: list[str]) -> int:
    """Grade in rounds, print a line of JSON a program after each, and say whether all are steady."""
    wanted = [program(name) for name in names]
    verdicts: dict[str, Counter[str]] = {each.id: Counter() for each in wanted}
    differences: dict[str, list[str]] = {each.id: [] for each in wanted}
    began = time.monotonic()
    for first in range(0, times, ROUND):
        graded = corpus.repeated(wanted, range(first, min(first + ROUND, times)), seed=SEED)
        for each, turn in graded:
            verdicts[each.id][json.dumps(turn.shape())] += 1
            differences[each.id] += corpus.differences(each, turn)[:1]
        took = round(time.monotonic() - began)
        for name, counted in verdicts.items():
            row = {"program": name, "times": counted.total(), "verdicts": len(counted)}
            unlike = {"not_as_recorded": len(differences[name]), "first": differences[name][:1]}
            print(json.dumps({**row, **unlike, "seconds": took}, ensure_ascii=False), flush=True)
    return int(any(differences.values()))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
