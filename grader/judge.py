"""The checks in a process of their own: evidence goes in by lines, outcomes come out by lines.

A check that hangs or crashes takes only that process down; the check is `error`, the others are
judged by a new one.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from grader import archive
from grader.errors import ConditionsUnavailable, GraderError
from grader.exercise import KIT, Exercise
from grader.model import Check, Evidence, Feedback, Outcome, Prediction

CHECK_LIMIT_S = 30.0
TIMED_OUT = "+ Timeout +"  # what pytest-timeout prints before it ends the process
LAST_CHARACTERS = 500
OURS = "This is the grader's, not yours; no point is lost."

Line = Mapping[str, Any]


class Judge:
    """Judges the exercises of one submission from evidence that arrives in any order.

    Args:
        exercises: What is judged, in order.
        folder: Where the process's settings and output are written.
        environment: Variables of the process, the reaper's mark among them.
        check_limit_s: A check that takes longer has hung.
    """

    def __init__(
        self,
        exercises: Sequence[Exercise],
        *,
        seed: int,
        folder: Path,
        environment: Mapping[str, str],
        check_limit_s: float = CHECK_LIMIT_S,
    ) -> None:
        self._exercises = {each.id: each for each in exercises}
        self._seed = seed
        self._check_limit_s = check_limit_s
        self._folder = folder
        self._environment = environment
        self._fed: list[str] = []
        self._feeding = threading.Lock()
        self._pipe: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._results = -1
        self._known: dict[tuple[str, str], Outcome] = {}
        self.remarks: dict[str, list[str]] = {}

    def hand_over(self, exercise_id: str, scenario: str, result: Evidence | GraderError) -> None:
        """Hand over what became of a run: evidence is saved first, so that it is judged as it was saved."""
        if isinstance(result, ConditionsUnavailable):
            self.feed(exercise_id, scenario, unavailable=result.message)
        elif isinstance(result, GraderError):
            self.feed(exercise_id, scenario, error=str(result))
        else:
            path = self._folder / "evidence" / exercise_id / f"{scenario}.json"
            archive.save(result, path)
            self.feed(exercise_id, scenario, path=str(path))

    def feed(self, exercise_id: str, scenario: str, **what: str) -> None:
        """Hand over evidence: `path=…`, or `unavailable=…` or `error=…` with the reason."""
        line = json.dumps({"exercise": exercise_id, "scenario": scenario, **what}) + "\n"
        with self._feeding:
            self._fed.append(line)
            self._send(line)

    def _send(self, line: str) -> None:
        if self._pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._pipe, line.encode())

    def outcomes(self, on_outcome: Callable[[str, Outcome], None]) -> None:
        """Call `on_outcome` for every declared check, once each, as they become known.

        The process is started here, once brokers are starting: nothing of theirs waits for it.
        """
        self._start()
        while True:
            judging: tuple[str, str] | None = None
            for line in self._lines():
                if "remarks" in line:
                    self.remarks.setdefault(line["exercise"], []).extend(line["remarks"])
                elif "judging" in line:
                    judging = (line["exercise"], line["check"])
                else:
                    judging = None
                    self._learn(self._outcome(line), line["exercise"], on_outcome)
            output = self._end()
            missing = self._missing()
            if not missing:
                return
            exercise_id, check = missing[0]
            hung = judging == (exercise_id, check.id) and TIMED_OUT in output
            seen = (
                f"This check did not come to an end within {self._check_limit_s:.0f} s."
                if hung
                else f"The process that judges ended early. {output.strip()[-LAST_CHARACTERS:]}".strip()
            )
            self._learn(Outcome(check, "error", 0, Feedback(seen=seen, advice=OURS)), exercise_id, on_outcome)
            if not self._missing():
                return
            self._start()

    def _missing(self) -> list[tuple[str, Check]]:
        return [
            (each.id, check)
            for each in self._exercises.values()
            for check, _ in each.rubric.checks
            if (each.id, check.id) not in self._known
        ]

    def _learn(self, outcome: Outcome, exercise_id: str, on_outcome: Callable[[str, Outcome], None]) -> None:
        self._known[exercise_id, outcome.check.id] = outcome
        on_outcome(exercise_id, outcome)

    def _outcome(self, line: Line) -> Outcome:
        checks = self._exercises[line["exercise"]].rubric.checks
        check = next(check for check, _ in checks if check.id == line["check"])
        points = check.max_points if line["outcome"] == "passed" else 0
        feedback = Feedback(line["seen"], line["expected"], line["advice"])
        prediction = line["prediction"] and archive.parse(Prediction, line["prediction"])
        return Outcome(check, line["outcome"], points, feedback, cast("Prediction | None", prediction))

    def _lines(self) -> Iterator[Line]:
        with os.fdopen(self._results, encoding="utf-8") as results:
            for line in results:
                yield json.loads(line)

    def _start(self) -> None:
        feed_read, feed_write = os.pipe()
        results_read, results_write = os.pipe()
        settings = self._folder / "judge.ini"
        settings.write_text("[pytest]\n")
        output = (self._folder / "judge.log").open("wb")
        try:
            self._process = subprocess.Popen(
                [sys.executable, *self._arguments(settings, feed_read, results_write)],
                cwd=KIT,
                env={**self._environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(feed_read, results_write),
                start_new_session=True,
            )
        finally:
            output.close()
            os.close(feed_read)
            os.close(results_write)
        self._results = results_read
        with self._feeding:
            self._pipe = feed_write
            for line in self._fed:
                self._send(line)

    def _arguments(self, settings: Path, feed: int, results: int) -> list[str]:
        known = {"/".join(key): outcome.outcome for key, outcome in self._known.items()}
        left = {(exercise_id, check.id) for exercise_id, check in self._missing()}
        items = [
            f"{each.folder / 'checks.py'}::check_{check.id}"
            for each in self._exercises.values()
            for check, _ in each.rubric.checks
            if (each.id, check.id) in left
        ]
        files = [str(each.folder / "checks.py") for each in self._exercises.values()]
        return [
            *("-m", "pytest", "-q", "-p", "grader.plugin", "-p", "no:cacheprovider", "-p", "pytest_timeout"),
            *("-c", str(settings), f"--rootdir={KIT}", "--import-mode=importlib"),
            *(f"--timeout={self._check_limit_s}", "--timeout-method=thread", "-o", "timeout_func_only=true"),
            f"--grader-seed={self._seed}",
            f"--grader-feed={feed}",
            f"--grader-results={results}",
            f"--grader-known={json.dumps(known)}",
            *(items if known else files),
        ]

    def _end(self) -> str:
        with self._feeding:
            if self._pipe is not None:
                os.close(self._pipe)
                self._pipe = None
        assert self._process is not None
        self._process.wait()
        return (self._folder / "judge.log").read_text(errors="replace")

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
