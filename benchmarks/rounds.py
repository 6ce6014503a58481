"""Measurements in rounds: everything that is compared runs once a round, and rounds may be added later."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from kafka.errors import KafkaError

from grader.errors import GraderError
from grader.labs.spread import in_turn

KEPT = Path(__file__).with_name("measured.json")
GB = 1e9

Measure = Callable[[], Mapping[str, float]]


@dataclass(frozen=True)
class Measured:
    """What has been measured so far.

    Attributes:
        rounds: By group, a mapping of figure to value for each round.
        notes: By group, what could not be measured and why.
        machine: What it was measured on.
    """

    rounds: dict[str, list[dict[str, float]]]
    notes: dict[str, list[str]]
    machine: dict[str, str]

    @classmethod
    def load(cls) -> "Measured":
        """Return what is kept."""
        return cls(**json.loads(KEPT.read_text())) if KEPT.exists() else cls({}, {}, {})

    def save(self) -> None:
        """Keep it."""
        part = KEPT.with_suffix(".part")
        part.write_text(json.dumps(vars(self), indent=1) + "\n")
        part.replace(KEPT)

    def add(self, group: str, ways: Sequence[Measure], rounds: int) -> None:
        """Measure a group for some rounds, keeping each as it is done."""
        for number in range(rounds):
            found: dict[str, float] = {"load of the machine before": os.getloadavg()[0]}
            first = len(self.rounds.get(group, ())) % len(ways)
            for measure in list(in_turn(ways, len(ways)))[first * len(ways) : (first + 1) * len(ways)]:
                try:
                    found |= measure()
                except (GraderError, KafkaError, RuntimeError, subprocess.SubprocessError) as error:
                    print(f"{group}: one measurement failed: {error}", flush=True)
            self.rounds.setdefault(group, []).append({name: round(each, 3) for name, each in found.items()})
            self.machine.update(machine())
            self.save()
            print(f"{group}, round {number + 1} of {rounds}: {self.rounds[group][-1]}", flush=True)

    def values(self, group: str, figure: str) -> list[float]:
        """Return a figure of every round in which it was measured."""
        return [each[figure] for each in self.rounds.get(group, ()) if figure in each]

    def ratio(self, group: str, figure: str, beside: str) -> float | None:
        """Return the median of the ratios within each round: what slows a whole round falls out."""
        ratios = [
            each[figure] / each[beside]
            for each in self.rounds.get(group, ())
            if figure in each and each.get(beside)
        ]
        return statistics.median(ratios) if ratios else None


def machine() -> dict[str, str]:
    """Return what figures depend on, without a name or a path."""
    import importlib.metadata

    from grader.broker.jars import KAFKA_VERSION
    from grader.broker.java import java

    return {
        "system": f"{platform.system()} on {platform.machine()}",
        "cores": f"{len(os.sched_getaffinity(0))}",
        "memory": f"{psutil.virtual_memory().total / GB:.0f} GB",
        "Python": platform.python_version(),
        "kafka-python": importlib.metadata.version("kafka-python"),
        "Apache Kafka": KAFKA_VERSION,
        "Java": java().release,
    }
