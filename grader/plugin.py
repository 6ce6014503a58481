"""The pytest plugin: collects `checks.py`, hands over evidence, turns results into outcomes.

    pytest -p grader.plugin exercises/01_hello_kafka/checks.py

grades in pytest's own style: a failed check fails, a blocked one is skipped, an error is a set-up
error. Where evidence comes from is a hook, `pytest_grader_evidence`: a folder of saved evidence
(`--grader-evidence`), lines from whoever runs the programs (`--grader-feed`), or, with neither,
`grader.on_demand`, which starts a broker and runs them here.
"""

import json
import os
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader import archive, exercise
from grader.errors import GraderError
from grader.expect import Failure
from grader.model import Check, Evidence, Feedback
from grader.rubric import UNMADE, CheckFunction

CHECKS = "checks.py"
DEFAULT_SEED = 1
OURS = "This is the grader's or the machine's, not yours; no point is lost."

Key = tuple[str, str]


class Unavailable(Exception):
    """The broker in use cannot give the conditions of a scenario; what needs them is blocked."""


class Hooks:
    """The hooks that this plugin adds to pytest's."""

    @pytest.hookspec(firstresult=True)
    def pytest_grader_evidence(
        self, config: pytest.Config, exercise_id: str, scenario: str
    ) -> Evidence | None:
        """Return the evidence of a scenario; the first time it is asked for, the scenario is run.

        Raises:
            Unavailable: The broker in use cannot give these conditions.
            GraderError: The scenario could not be run, or its evidence not be read.
        """


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hook through which evidence comes."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("grader")
    group.addoption("--grader-seed", type=int, default=DEFAULT_SEED, help="the seed that data is drawn from")
    group.addoption("--grader-submission", default="exercises", help="the folder to grade")
    group.addoption(
        "--grader-evidence", metavar="DIR", help="judge evidence saved in DIR; no broker is started"
    )
    group.addoption("--grader-feed", type=int, metavar="FD", help="read lines that name evidence from FD")
    group.addoption("--grader-results", type=int, metavar="FD", help="write a line an outcome to FD")
    group.addoption("--grader-known", default="{}", metavar="JSON", help="outcomes of an earlier try")


def pytest_configure(config: pytest.Config) -> None:
    """Choose where evidence comes from and where outcomes go."""
    config.stash[OUTCOMES] = {tuple(key.split("/")): value for key, value in _known(config).items()}
    config.stash[RESULTS] = config.getoption("--grader-results")
    if config.getoption("--grader-evidence"):
        config.pluginmanager.register(Saved(Path(config.getoption("--grader-evidence"))))
    elif config.getoption("--grader-feed") is not None:
        config.pluginmanager.register(Feed(config.getoption("--grader-feed")))
    else:
        config.pluginmanager.import_plugin("grader.on_demand")


OUTCOMES = pytest.StashKey[dict[Any, str]]()
RESULTS = pytest.StashKey["int | None"]()


def _known(config: pytest.Config) -> Mapping[str, str]:
    known: Mapping[str, str] = json.loads(config.getoption("--grader-known"))
    return known


class Saved:
    """Evidence in a folder, as `<exercise>/<scenario>.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pytest_grader_evidence(self, exercise_id: str, scenario: str) -> Evidence:
        """Load saved evidence."""
        path = self._folder / exercise_id / f"{scenario}.json"
        if not path.exists():
            raise GraderError(f"There is no saved evidence {path}.")
        return archive.load(path)


class Feed:
    """Evidence named by lines of JSON, as runs come to their end in another process.

    A line is {"exercise", "scenario"} and one of "path", "unavailable" (why) or "error" (what failed).
    """

    def __init__(self, descriptor: int) -> None:
        self._lines = os.fdopen(descriptor, encoding="utf-8")
        self._arrived: dict[Key, Mapping[str, str]] = {}
        self._loaded: dict[Key, Evidence] = {}

    def pytest_grader_evidence(self, exercise_id: str, scenario: str) -> Evidence:
        """Wait for the line of this scenario."""
        key = (exercise_id, scenario)
        while key not in self._arrived:
            line = self._lines.readline()
            if not line:
                raise GraderError(f"The run of scenario {scenario} was ended before it was over.")
            entry: Mapping[str, str] = json.loads(line)
            self._arrived[entry["exercise"], entry["scenario"]] = entry
        entry = self._arrived[key]
        if "unavailable" in entry:
            raise Unavailable(entry["unavailable"])
        if "error" in entry:
            raise GraderError(entry["error"])
        if key not in self._loaded:
            self._loaded[key] = archive.load(Path(entry["path"]))
        return self._loaded[key]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect every `checks.py`."""
    return ChecksFile.from_parent(parent, path=file_path) if file_path.name == CHECKS else None


class ChecksFile(pytest.File):
    """One exercise's rubric."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item a check, in the rubric's order, then one for the remarks."""
        loaded = exercise.load(
            self.path.parent.name, seed=self.config.getoption("--grader-seed"), folder=self.path.parent.parent
        )
        for check, function in loaded.rubric.checks:
            yield CheckItem.from_parent(self, name=f"check_{check.id}", check=check, function=function)
        for scenarios, remark in loaded.rubric.remarks:
            yield RemarkItem.from_parent(self, name=remark.__name__, scenarios=scenarios, function=remark)


class EvidenceItem(pytest.Item):
    """What reads the evidence of some scenarios of its exercise."""

    evidence: tuple[Evidence, ...] = ()

    @property
    def exercise(self) -> str:
        """The exercise's id."""
        return self.path.parent.name

    def gather(self, scenarios: tuple[str, ...]) -> None:
        """Ask for the evidence of these scenarios; a scenario that cannot be had blocks the item."""
        ask = self.config.hook.pytest_grader_evidence
        try:
            self.evidence = tuple(
                ask(config=self.config, exercise_id=self.exercise, scenario=each) for each in scenarios
            )
        except Unavailable as reason:
            pytest.skip(str(reason))


class CheckItem(EvidenceItem):
    """One check of one exercise."""

    def __init__(self, *, check: Check, function: CheckFunction, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.prediction: object = None
        self.check = check
        self.function = function

    def setup(self) -> None:
        """Block what hangs on a check that did not pass, then ask for the evidence."""
        known = self.config.stash[OUTCOMES]
        for other in self.check.after:
            if known.get((self.exercise, other)) != "passed":
                pytest.skip(f"hangs on “{_title(self, other)}”, which did not pass")
        self.gather(self.check.scenarios)
        if self.check.request_log and not all(each.request_log for each in self.evidence):
            pytest.skip("the request log of this broker cannot be read")

    def runtest(self) -> None:
        """Judge; a check of a written answer returns the prediction that it judged."""
        self.prediction = self.function(*self.evidence)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: object) -> str:
        """Show what was seen, what was expected and what to try."""
        if isinstance(excinfo.value, Failure):
            feedback = excinfo.value.feedback
            lines = {"seen": feedback.seen, "expected": feedback.expected, "advice": feedback.advice}
            return "\n".join(f"{name:9}{text}" for name, text in lines.items() if text)
        return str(excinfo.getrepr(style="short"))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Name the check by its title."""
        return self.path, None, self.check.title


def _title(item: CheckItem, check_id: str) -> str:
    session_items = item.session.items
    return next(
        each.check.title
        for each in session_items
        if isinstance(each, CheckItem) and each.exercise == item.exercise and each.check.id == check_id
    )


class RemarkItem(EvidenceItem):
    """Remarks on the evidence that never cost a point."""

    def __init__(self, *, scenarios: tuple[str, ...], function: Any, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.scenarios = scenarios
        self.function = function
        self.remarks: list[str] = []

    def setup(self) -> None:
        """Ask for the evidence."""
        self.gather(self.scenarios)

    def runtest(self) -> None:
        """Collect the remarks."""
        self.remarks.extend(self.function(*self.evidence))

    def fault(self, raised: BaseException) -> str:
        """Return what is said in a remark's place where it cannot be made."""
        return f"{UNMADE} {_fault(raised, self.path.parent)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Only a `Failure` counts against a submission; anything else in a check is ours: an error."""
    report = yield
    failed_in_call = report.when == "call" and report.failed
    if failed_in_call and call.excinfo is not None and not isinstance(call.excinfo.value, Failure):
        report.when = "setup"
    if isinstance(item, EvidenceItem):
        _tell(item, call, report)
    return report


def _tell(item: EvidenceItem, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Write an outcome as soon as it is known."""
    if isinstance(item, RemarkItem):
        if call.when == "call":
            faults = [item.fault(call.excinfo.value)] if call.excinfo is not None else []
            _write(item, {"exercise": item.exercise, "remarks": [*item.remarks, *faults]})
        return
    if (
        not isinstance(item, CheckItem)
        or (report.when == "setup" and report.passed)
        or call.when == "teardown"
    ):
        return
    outcome = _outcome(report)
    item.config.stash[OUTCOMES][item.exercise, item.check.id] = outcome
    feedback = _feedback(call, outcome, item.path.parent)
    prediction = item.prediction or getattr(call.excinfo and call.excinfo.value, "prediction", None)
    _write(
        item,
        {
            "exercise": item.exercise,
            "check": item.check.id,
            "outcome": outcome,
            "prediction": archive.dump(prediction),
            **archive.dump(feedback),
        },
    )


def _outcome(report: pytest.TestReport) -> str:
    if report.skipped:
        return "blocked"
    if report.passed:
        return "passed"
    return "failed" if report.when == "call" else "error"


def _feedback(call: pytest.CallInfo[None], outcome: str, home: Path) -> Feedback:
    raised = call.excinfo.value if call.excinfo is not None else None
    if isinstance(raised, Failure):
        return raised.feedback
    if raised is None:
        return Feedback()
    if outcome == "blocked":
        return Feedback(seen=f"Not judged: {raised}.")
    return Feedback(_fault(raised, home), advice=OURS)


def _fault(raised: BaseException, home: Path) -> str:
    if isinstance(raised, GraderError):
        return str(raised)
    where = exercise.place(raised, home)
    beginning = f"In {where}: " if where else ""
    return f"{beginning}{type(raised).__name__}: {raised}"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Say which check is judged now, so that one that hangs can be named."""
    if isinstance(item, CheckItem):
        _write(item, {"exercise": item.exercise, "check": item.check.id, "judging": True})


def _write(item: pytest.Item, line: Mapping[str, object]) -> None:
    descriptor = item.config.stash[RESULTS]
    if descriptor is not None:
        os.write(descriptor, (json.dumps(line) + "\n").encode())
