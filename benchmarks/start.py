"""Empty folder → first acknowledged record, and what a grading adds to its programs' own time.

python -m benchmarks.start [RUNS]

Interleaved runs; medians, spread, and ratios to a plain start.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from kafka import KafkaProducer

from grader.broker import aot, jars
from grader.broker.local import settings
from grader.broker.node import HOST, Node, free_ports
from grader.broker.topics import Topics
from grader.model import Topic

RUNS = 7
DELIVERY_S = 30
KIT = Path(__file__).parent.parent
MB = 1e6


def first_record(options: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """Return seconds to the first acknowledged record, and the broker's resident memory in MB."""
    ports = free_ports(3)
    node = Node(folder, settings(ports, f"{HOST}:{ports[0]}"), jvm_options=options)
    began = time.monotonic()
    node.launch()
    try:
        node.await_answer(ports[1])
        topics = Topics(f"{HOST}:{ports[1]}")
        topics.make_anew([Topic("test_topic", 3)])
        producer = KafkaProducer(bootstrap_servers=f"{HOST}:{ports[0]}")
        producer.send("test_topic", b"x").get(DELIVERY_S)
        took = time.monotonic() - began
        assert node.process is not None
        resident = psutil.Process(node.process.pid).memory_info().rss / MB
        producer.close()
        topics.close()
        return took, resident
    finally:
        node.stop()


def grading(out: Path) -> tuple[float, float, float]:
    """Return a grading of 01: wall seconds, its programs' own seconds, the grader's memory in MB."""
    command = [sys.executable, "-m", "grader", "grade", "01", "--submission", "solutions", "--out", str(out)]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=KIT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        try:
            peak = max(peak, psutil.Process(process.pid).memory_info().rss / MB)
        except psutil.Error:
            break
        time.sleep(0.05)
    process.wait()
    took = time.monotonic() - began
    results = json.loads((out / "results.json").read_text())
    programs = sum(each["duration_s"] for each in results["exercises"][0]["scenarios"])
    return took, programs, peak


def said(name: str, values: list[float], unit: str = "s") -> str:
    """Return a line of one row of figures."""
    return (
        f"{name:46} median {statistics.median(values):7.2f} {unit}   "
        f"{min(values):.2f}–{max(values):.2f} of {len(values)}"
    )


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if sys.argv[1:] else RUNS
    jars.jars(print)
    kinds: dict[str, Callable[[], tuple[str, ...]]] = {
        "default options of Java": lambda: (),
        "first-tier compiler, serial collector": lambda: aot.BASE,
        "the same with the ahead-of-time cache": aot.options,
    }
    starts: dict[str, list[float]] = {name: [] for name in kinds}
    memory: dict[str, list[float]] = {name: [] for name in kinds}
    gradings: list[tuple[float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(runs):
            for number, (name, options) in enumerate(kinds.items()):
                took, resident = first_record(options(), Path(folder) / f"{run}-{number}")
                starts[name].append(took)
                memory[name].append(resident)
            gradings.append(grading(Path(folder) / f"report-{run}"))
    plain = starts["default options of Java"]
    for name in kinds:
        ratio = statistics.median(one / base for one, base in zip(starts[name], plain, strict=True))
        print(said(f"first record, {name}", starts[name]), f"  ratio {ratio:.2f}")
        print(said(f"  resident, {name}", memory[name], "MB"))
    best = statistics.median(starts["the same with the ahead-of-time cache"])
    print(said("grading of 01, all of it", [took for took, _, _ in gradings]))
    print(said("  its programs alone, the stall in it", [programs for _, programs, _ in gradings]))
    print(
        said("  beyond broker start and programs", [took - programs - best for took, programs, _ in gradings])
    )
    print(said("  grader, resident", [peak for _, _, peak in gradings], "MB"))


if __name__ == "__main__":
    main()
