"""What grading the solutions of 01 to 03 takes, beside the same programs run bare.

    python -m benchmarks.bare [ROUNDS]

Bare is each program of each scenario, one after another, on a broker of its own: no relay, no limits, no
fault. To that come the broker's start and one stall's wait. Bare and graded turns alternate.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader import exercise, submission
from grader.broker import aot, training
from grader.broker.local import settings
from grader.broker.node import HOST, Node, free_ports
from grader.broker.topics import Topics
from grader.exercise import KIT
from grader.model import Scenario, Stall, Submission

EXERCISES = ("01_hello_kafka", "02_message_keys", "03_partition_stickiness")
ROUNDS = 7
AT_MOST = 1.5
PROGRAM_LIMIT_S = 60

Job = tuple[Submission, Scenario]


def jobs(seed: int) -> list[Job]:
    """Return the solutions with the scenarios that a grading of this seed draws."""
    loaded = [exercise.load(each, seed=seed) for each in EXERCISES]
    return [
        (submission.read(KIT / "solutions", each), scenario)
        for each in loaded
        for scenario in each.rubric.scenarios
    ]


def program_s(job: Job, servers: str, folder: Path) -> float:
    """Return how long one program takes by itself."""
    handed_in, scenario = job
    folder.mkdir(parents=True)
    files = {**handed_in.files, **scenario.files}
    if scenario.program is not None:
        files["producer.py"] = scenario.program
    for name, content in files.items():
        (folder / name).write_bytes(content)
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "producer.py", *scenario.args],
        cwd=folder,
        env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": servers},
        stdout=subprocess.DEVNULL,
        timeout=PROGRAM_LIMIT_S,
        check=True,
    )
    return time.monotonic() - began


def bare_s(wanted: list[Job], folder: Path) -> tuple[float, float]:
    """Return a broker's start, and the programs one after another."""
    ports = free_ports(3)
    servers = f"{HOST}:{ports[0]}"
    node = Node(folder / "broker", settings(ports, servers), jvm_options=aot.options())
    began = time.monotonic()
    node.launch()
    try:
        node.await_answer(ports[1])
        start = time.monotonic() - began
        topics = Topics(f"{HOST}:{ports[1]}")
        programs = 0.0
        for number, job in enumerate(wanted):
            topics.make_anew(job[1].topics)
            programs += program_s(job, servers, folder / f"run-{number}")
        topics.close()
        return start, programs
    finally:
        node.stop()


def graded_s(seed: int, out: Path) -> float:
    """Return what the whole command takes."""
    command = [sys.executable, "-m", "grader", "grade", *EXERCISES, "--submission", "solutions"]
    began = time.monotonic()
    subprocess.run(
        [*command, "--out", str(out), "--seed", str(seed)], cwd=KIT, stdout=subprocess.DEVNULL, check=True
    )
    return time.monotonic() - began


def main(rounds: int) -> int:
    """Measure, print a line a round and one of the medians, and say whether grading is short enough."""
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        training.train(folder / "training", {})
        for seed in range(1, rounds + 1):
            wanted = jobs(seed)
            start, programs = bare_s(wanted, folder / f"bare-{seed}")
            stall = max(each.fault.hold_s for _, each in wanted if isinstance(each.fault, Stall))
            graded = graded_s(seed, folder / f"report-{seed}")
            bare = start + programs + stall
            row = {"graded_s": graded, "start_s": start, "programs_s": programs, "stall_s": stall}
            rows.append({**row, "ratio": graded / bare})
            print(json.dumps({name: round(value, 2) for name, value in rows[-1].items()}), flush=True)
    ratio = statistics.median(row["ratio"] for row in rows)
    medians = {each: round(statistics.median(row[each] for row in rows), 2) for each in rows[0]}
    ranges = {
        f"{each}_range": [round(end(row[each] for row in rows), 2) for end in (min, max)]
        for each in ("graded_s", "ratio")
    }
    print(
        json.dumps({"benchmark": "grading 01-03", "rounds": rounds, **medians, **ranges, "at_most": AT_MOST})
    )
    return int(ratio > AT_MOST)


if __name__ == "__main__":
    # Ended from outside, it still ends its broker and removes its folder.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS))
