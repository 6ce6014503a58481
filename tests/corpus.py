"""The programs of `tests/submissions/`, each graded for real and held against its recorded verdict."""

import dataclasses
import fnmatch
import os
import tempfile
import threading
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader import exercise, gate, offers, session, submission
from grader.errors import GraderError
from grader.exercise import Exercise
from grader.judge import Judge
from grader.lane import Workshop
from grader.lanes import Job, Lanes, Pool
from grader.model import Evidence, Outcome, Submission

FOLDER = Path(__file__).parent / "submissions"
JUDGES = 2
# One more than a grading has: there are hundreds of programs. With more, they wait for the processor.
LANES = (1, 3, 1, 1, 1)


@dataclass(frozen=True)
class Program:
    """One program of the corpus and the verdict that it must get."""

    exercise: str
    name: str
    folder: Path
    expected: Mapping[str, Any]

    @property
    def id(self) -> str:
        return f"{self.exercise}/{self.name}"

    @property
    def slow(self) -> bool:
        return bool(self.expected.get("slow"))

    def fails(self) -> set[str]:
        return {check for check, outcome in self.expected["outcomes"].items() if outcome == "failed"}


def programs() -> list[Program]:
    """Return the whole corpus."""
    return [
        Program(
            path.parent.parent.name, path.parent.name, path.parent, tomllib.loads(path.read_text("utf-8"))
        )
        for path in sorted(FOLDER.glob("*/*/expected.toml"))
    ]


def chosen(corpus: Sequence[Program], which: str) -> Sequence[Program]:
    """Return the programs that `--corpus` names: `all`, every second one, or the quick ones."""
    return {"all": corpus, "odd": corpus[::2], "even": corpus[1::2]}.get(which) or quick(corpus)


def quick(corpus: Sequence[Program]) -> list[Program]:
    """Return one wrong program a check, and one right one an exercise; none that runs into a limit."""
    chosen: dict[tuple[str, str], Program] = {}
    for program in corpus:
        if not program.slow:
            for check in program.fails() or {"(right)"}:
                chosen.setdefault((program.exercise, check), program)
    return list({program.id: program for program in chosen.values()}.values())


@dataclass
class Graded:
    """What became of one program.

    Attributes:
        outcomes: Of each check.
        remarks: Those that cost nothing.
        lacking: The checks that cannot be judged on the broker in use.
    """

    lacking: frozenset[str] = frozenset()
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def shape(self) -> dict[str, str]:
        return {check: outcome.outcome for check, outcome in self.outcomes.items()}


class Batch:
    """Grades many programs at once: their runs share lanes, each is judged in a process of its own."""

    def __init__(self, corpus: Iterable[Program], *, seed: int, broker: str = "local") -> None:
        self.seed = seed
        self._broker = broker
        self.results: dict[str, Graded] = {}
        self._corpus = list(corpus)
        names = {program.exercise for program in self._corpus}
        self._exercises = {each: exercise.load(each, seed=seed) for each in names}
        self._programs: list[tuple[Program, Submission]] = []
        self._arrived: dict[str, dict[str, Evidence | GraderError]] = {}
        self._complete = threading.Condition()

    def run(self) -> Mapping[str, Graded]:
        """Grade all of them."""
        with session.workshop(self._broker) as workshop, ThreadPoolExecutor(JUDGES) as judges:
            jobs = self._jobs(workshop)

            def deliver(job: Job, result: Evidence | GraderError) -> None:
                for program, handed_in in self._concerned(job):
                    of_theirs = result
                    if isinstance(result, Evidence):
                        of_theirs = dataclasses.replace(result, submission=handed_in)
                    with self._complete:
                        arrived = self._arrived.setdefault(program.id, {})
                        arrived[job.scenario.name] = of_theirs
                        wanted = self._exercises[program.exercise].rubric.scenarios
                        if len(arrived) == len(wanted):
                            judges.submit(self._judge, program, arrived, workshop.folder)

            needed = {job.brokers for job in jobs}
            lanes = Lanes(Pool(workshop), jobs, deliver, lanes=[each for each in LANES if each in needed])
            try:
                with self._complete:
                    self._complete.wait_for(lambda: len(self.results) == len(self._corpus))
            finally:
                lanes.close()
        return self.results

    def _jobs(self, workshop: Workshop) -> list[Job]:
        """Return every run; an experiment has nothing to do with what is handed in, and is run once."""
        jobs: list[Job] = []
        known: set[tuple[str, str]] = set()
        for program in self._corpus:
            loaded = self._exercises[program.exercise]
            handed_in = _read(program, loaded)
            self._programs.append((program, handed_in))
            for each in loaded.rubric.scenarios:
                if each.program is None or (program.exercise, each.name) not in known:
                    jobs.append(Job(handed_in, each, workshop.brokers_for(each)))
                    known.add((program.exercise, each.name))
        return jobs

    def _concerned(self, job: Job) -> list[tuple[Program, Submission]]:
        if job.scenario.program is None:
            return [each for each in self._programs if each[1] is job.submission]
        return [each for each in self._programs if each[0].exercise == job.submission.exercise]

    def _judge(self, program: Program, arrived: Mapping[str, Evidence | GraderError], folder: Path) -> None:
        (offer,) = (kind.offer for kind in offers.KINDS if kind.asked_by == self._broker)
        lacks = offers.blocked(self._exercises[program.exercise], offer)
        graded = Graded(frozenset(check.id for check, _ in lacks))
        with tempfile.TemporaryDirectory(dir=folder) as name:
            judge = Judge(
                [self._exercises[program.exercise]],
                seed=self.seed,
                folder=Path(name),
                environment={"PATH": os.defpath},
            )
            for scenario, result in arrived.items():
                judge.hand_over(program.exercise, scenario, result)
            judge.outcomes(lambda _, outcome: graded.outcomes.__setitem__(outcome.check.id, outcome))
            graded.remarks = judge.remarks.get(program.exercise, [])
            judge.close()
        with self._complete:
            self.results[program.id] = graded
            self._complete.notify()


def _read(program: Program, loaded: Exercise) -> Submission:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / program.exercise).symlink_to(program.folder.resolve())
        made = submission.read(Path(name), loaded)
    return Submission(made.exercise, made.files, made.digest, made.ignored)


def repeated(
    wanted: Sequence[Program], turns: Iterable[int], *, seed: int, broker: str = "local"
) -> list[tuple[Program, Graded]]:
    """Grade each program once a turn, the programs taking turns."""
    copies = [
        (each, dataclasses.replace(each, name=f"{each.name} {turn}")) for turn in turns for each in wanted
    ]
    graded = Batch([copy for _, copy in copies], seed=seed, broker=broker).run()
    return [(each, graded[copy.id]) for each, copy in copies]


def differences(program: Program, graded: Graded) -> list[str]:
    """Return in what a verdict differs from the recorded one; nothing when it is as recorded."""
    found = []
    recorded = {
        check: "blocked" if check in graded.lacking else outcome
        for check, outcome in program.expected["outcomes"].items()
    }
    found += [
        f"outcome of {check}: {outcome}"
        for check, outcome in graded.outcomes.items()
        if not _is_as_recorded(recorded.get(check), outcome.outcome)
    ]
    found += [f"no outcome of {check}" for check in recorded.keys() - graded.outcomes.keys()]
    for check, feedback in program.expected.get("feedback", {}).items():
        if isinstance(recorded[check], list) and graded.shape()[check] != "failed":
            continue
        if check in graded.lacking:
            continue
        got = graded.outcomes[check].feedback if check in graded.outcomes else None
        for part, pattern in feedback.items():
            text = getattr(got, part, "")
            if not _matches(text, pattern):
                found.append(f"{check}.{part}: recorded {pattern!r}, got {text!r}")
    found += [
        f"remarks: recorded {pattern!r}, got {graded.remarks}"
        for pattern in (() if graded.lacking else program.expected.get("advice", ()))
        if not any(_matches(remark, pattern) for remark in graded.remarks)
    ]
    found += gate.unmade(graded.remarks)
    found += [
        f"{check}: failed without a word"
        for check, outcome in graded.outcomes.items()
        if outcome.outcome == "failed" and not outcome.feedback.seen
    ]
    return found


def _is_as_recorded(recorded: str | list[str] | None, outcome: str) -> bool:
    """Where the timing of the program itself decides an outcome, several are recorded."""
    return outcome in recorded if isinstance(recorded, list) else outcome == recorded


def _matches(text: str, pattern: str) -> bool:
    """Match with `*` alone as a wildcard: brackets and question marks stand for themselves."""
    return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))
