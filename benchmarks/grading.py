"""Figures of a grading: one exercise, all of them, what the grader adds to its programs' time, memory."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from benchmarks import start
from benchmarks.rounds import Measure
from grader import exercise
from grader.broker import warm
from grader.broker.node import free_ports
from grader.model import Stall

ONE, ALL = "one exercise", "all exercises"
KIT = Path(__file__).parent.parent
EXERCISE = "01_hello_kafka"
WHOLE, PROGRAMS, BEYOND = "the whole command", "its programs, the stall in them", "beyond programs and start"
BESIDE = "the whole command, besides the stall's wait"
PEAK, GRADER, BROKERS = "all processes, peak MB", "the grader, peak MB", "brokers, peak MB"
WARM = ", with a spare broker"
MB = 1e6
LOOK_S = 0.1


def one() -> list[Measure]:
    """Return the measurement of one exercise: a start, then gradings with and without a spare broker."""
    return [_one_round]


def _one_round() -> Mapping[str, float]:
    found: dict[str, float] = dict(start.with_cache())
    found |= graded([EXERCISE], start_s=found[start.AOT])
    warm.start(free_ports(1)[0])
    try:
        lent = graded([EXERCISE], start_s=0.0)
    finally:
        warm.stop()
    return found | {f"{name}{WARM}": value for name, value in lent.items()}


def every() -> list[Measure]:
    """Return the measurement of all exercises."""
    return [lambda: graded([], start_s=None)]


def graded(exercises: list[str], *, start_s: float | None) -> dict[str, float]:
    """Grade model solutions and return the figures; `start_s` is what a broker's start takes just now."""
    with tempfile.TemporaryDirectory() as out:
        command = [
            sys.executable,
            "-m",
            "grader",
            "grade",
            *exercises,
            "--submission",
            "solutions",
            "--out",
            out,
        ]
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=KIT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peaks = dict.fromkeys((PEAK, GRADER, BROKERS), 0.0)
        while process.poll() is None:
            for name, value in _resident(process.pid).items():
                peaks[name] = max(peaks[name], value)
            time.sleep(LOOK_S)
        took = time.monotonic() - began
        results = json.loads((Path(out) / "results.json").read_text())
    if results["score"] != results["max_score"]:
        raise RuntimeError("The model solutions did not get full points; these figures would mean nothing.")
    waited = sum(_waits(each["id"], results["seed"]) for each in results["exercises"])
    programs = sum(run["duration_s"] for each in results["exercises"] for run in each["scenarios"])
    found = {WHOLE: took, PROGRAMS: programs, BESIDE: took - waited, **peaks}
    return found if start_s is None else found | {BEYOND: took - programs - start_s}


def _waits(name: str, seed: int) -> float:
    """Return how long the stalls of an exercise hold a record back."""
    faults = (each.fault for each in exercise.load(name, seed=seed).rubric.scenarios)
    return sum(fault.hold_s for fault in faults if isinstance(fault, Stall))


def _resident(pid: int) -> dict[str, float]:
    try:
        grader = psutil.Process(pid)
        sizes = [(each.name(), each.memory_info().rss / MB) for each in grader.children(recursive=True)]
        own = grader.memory_info().rss / MB
    except psutil.Error:
        return {}
    brokers = sum(size for name, size in sizes if name == "java")
    return {PEAK: own + sum(size for _, size in sizes), GRADER: own, BROKERS: brokers}
