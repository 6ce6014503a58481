"""The commands: parse, call, print, exit."""

import argparse
import contextlib
import importlib
import io
import json
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from grader import archive, exercise, gate, handout, hints, progress, setup, submission, teacher
from grader.errors import GraderError, UsageError
from grader.exercise import KIT, SOLUTIONS, STUBS
from grader.model import Report

ALL_POINTS, POINTS_MISSING, WRONG_USE, NOT_GRADED, INTERRUPTED = 0, 1, 2, 3, 130
SEEDS = 10_000_000
EXERCISES = KIT / "exercises"
CLEAR = "\x1b[H\x1b[2J"  # each round's summary has the screen to itself


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):  # a key in another script must not end a plain terminal's summary
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(arguments)
        code: int = options.verb(options)
    except KeyboardInterrupt:
        print("\nStopped; what had been graded is in the report.", file=sys.stderr)
        return INTERRUPTED
    except GraderError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        return NOT_GRADED
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"{error.strerror or error}{where}", file=sys.stderr)
        return NOT_GRADED
    return code


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=".venv/bin/python -m grader", description="Exercises on Kafka producers."
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, verb, text in (
        ("grade", _grade, "grade exercises and write a report"),
        ("watch", _watch, "grade again whenever a file is saved"),
    ):
        _add_grading(verbs.add_parser(name, help=text), verb)
    for name, verb, text in (
        ("hint", _hint, "open the next hint for an exercise"),
        ("solution", _solution, "show the model solution of an exercise that has passed"),
        ("reset", _reset, "put the stub of an exercise back"),
    ):
        sub = verbs.add_parser(name, help=text)
        sub.add_argument("exercise", nargs="?", metavar="EXERCISE")
        sub.add_argument(
            "--out", type=Path, default=Path("report"), metavar="DIR", help="where the report is"
        )
        sub.add_argument("--force", action="store_true")
        sub.set_defaults(verb=verb, name=name)
    sub = verbs.add_parser("progress", help="show what has passed so far")
    sub.add_argument("--out", type=Path, default=Path("report"), metavar="DIR")
    sub.set_defaults(verb=_progress)
    sub = verbs.add_parser("handout", help="write the students' repository")
    sub.add_argument("folder", type=Path, metavar="DIR")
    sub.set_defaults(verb=_handout)
    sub = verbs.add_parser("check-exercises", help="the authors' gate")
    sub.add_argument("exercises", nargs="*", metavar="EXERCISE", help="all, when none is named")
    sub.add_argument("--renew-stubs", action="store_true", help="keep their stubs as exercises/ has them")
    sub.set_defaults(verb=_check_exercises)
    sub = verbs.add_parser("lab", help="the lesson's experiments, live")
    sub.add_argument("names", nargs="*", metavar="NAME", help="all, when none is named")
    sub.add_argument("--out", type=Path, default=Path("report"), metavar="DIR")
    sub.add_argument("--seed", type=int, default=1, metavar="N")
    sub.set_defaults(verb=_lab)
    sub = verbs.add_parser("broker", help="a broker on localhost:9092 for programs run by hand")
    sub.add_argument("action", choices=("start", "stop", "status", "read"))
    sub.add_argument("topic", nargs="?", metavar="TOPIC", help="the topic to read")
    sub.set_defaults(verb=_broker)
    verbs.add_parser("doctor", help="what works on this machine").set_defaults(verb=_doctor)
    return parser


def _add_grading(verb: argparse.ArgumentParser, does: Callable[[argparse.Namespace], int]) -> None:
    verb.add_argument("exercises", nargs="*", metavar="EXERCISE", help="all, when none is named")
    verb.add_argument("--submission", type=Path, default=EXERCISES, metavar="DIR")
    verb.add_argument("--out", type=Path, default=Path("report"), metavar="DIR")
    verb.add_argument("--seed", type=int, metavar="N", help="draw the data of an earlier grading again")
    verb.add_argument("--broker", default="local", metavar="local|docker|HOST:PORT,…")
    verb.add_argument(
        "--broker-properties",
        type=Path,
        metavar="FILE",
        help="client settings by which the grader reaches the broker at HOST:PORT",
    )
    verb.add_argument("--isolation", choices=("auto", "full", "basic"), default="auto")
    verb.set_defaults(verb=does)


def _grade(options: argparse.Namespace) -> int:
    return _show(_graded(options), options.out)


def _graded(options: argparse.Namespace) -> Report:
    submission.check_folder(options.submission)
    chosen = exercise.choose(options.exercises)
    options.seed = _seed(options)
    with gradings(options) as grade:
        return grade(chosen)


def _watch(options: argparse.Namespace) -> int:
    from grader import watch

    submission.check_folder(options.submission)
    chosen = exercise.choose(options.exercises)
    options.seed = _seed(options)  # one for all rounds: what changes between two is the program alone
    try:
        saved = watch.saves(options.submission, chosen)
        watch.watch(saved, chosen if options.exercises else (), lambda: _rounds(options), _say)
    except KeyboardInterrupt:
        print("\nNo longer watching; the last report stays.", file=sys.stderr)
    return ALL_POINTS


@contextlib.contextmanager
def _rounds(options: argparse.Namespace) -> Iterator[Callable[[Sequence[str]], None]]:
    with gradings(options, keep=True) as grade:

        def grade_and_show(chosen: Sequence[str]) -> None:
            report = grade(chosen)
            if sys.stdout.isatty():
                print(CLEAR, end="")
            _show(report, options.out, after="; waiting for the next save (Ctrl-C ends)")

        _say(f"Waiting for a save in {options.submission}; Ctrl-C ends.")
        yield grade_and_show


def _seed(options: argparse.Namespace) -> int:
    return random.randrange(SEEDS) if options.seed is None else int(options.seed)


@contextlib.contextmanager
def gradings(
    options: argparse.Namespace, *, keep: bool = False
) -> Iterator[Callable[[Sequence[str]], Report]]:
    """Hold what the options say to grade with; yields a function that grades exercises.

    Args:
        keep: Whether its brokers stay warm between two gradings; the first one is started at once.
    """
    from grader import session
    from grader.grading import Order, grade
    from grader.lanes import Pool

    given = teacher.points_for(options.submission)
    setup.prepare(options.broker, _say)
    with (
        session.workshop(options.broker, options.isolation, options.broker_properties) as workshop,
        contextlib.closing(Pool(workshop, keep=keep)) as pool,
    ):
        environment = session.environment(options.broker, workshop.sandbox.tier)
        if keep:
            pool.give_back(1, pool.take(1, brokers=1))

        def graded(chosen: Sequence[str]) -> Report:
            # What the model solutions predict and pass is not the student's.
            own = options.submission.resolve() != SOLUTIONS
            kept = options.out / "predictions.json" if own else None
            order = Order(chosen, options.submission, options.seed, kept)
            tell = _Teller(len(chosen), options)
            report = teacher.merged(grade(order, pool=pool, environment=environment, on_report=tell), given)
            tell.keep(report)
            if own:
                progress.keep(options.out, report)
            return report

        yield graded


class _Teller:
    """Tells on standard error how far a grading is, and keeps its report so far."""

    def __init__(self, count: int, options: argparse.Namespace) -> None:
        self._count, self._out = count, options.out
        self._began = time.monotonic()
        # Loaded while brokers start and runs wait, not when the result is there.
        threading.Thread(target=importlib.import_module, args=("grader.report.page",), daemon=True).start()
        plural = "s" * (count > 1)
        _say(f"Grading {count} exercise{plural} against Apache Kafka (seed {options.seed}) …")

    def __call__(self, report: Report) -> None:
        self.keep(report)
        done = [each for each in report.exercises if each.outcome != "error" or each.trouble]
        _say(f"  {len(done)} of {self._count} judged after {time.monotonic() - self._began:.1f} s")

    def keep(self, report: Report) -> None:
        from grader.report.data import data
        from grader.report.page import page

        text = json.dumps(data(report), ensure_ascii=False, indent=2)
        archive.write(self._out / "results.json", f"{text}\n")
        archive.write(self._out / "index.html", page(report))


def _show(report: Report, out: Path, after: str = "", *, author: bool = False) -> int:
    from grader.report.terminal import summary

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = min(100, shutil.get_terminal_size().columns)
    print(summary(report, width=width, colour=colour, author=author))
    print(f"The whole report: {out / 'index.html'}{after}", flush=True)
    if not report.complete:
        return NOT_GRADED
    return ALL_POINTS if report.score == report.max_score else POINTS_MISSING


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _one(options: argparse.Namespace) -> exercise.Exercise:
    if not options.exercise:
        raise UsageError(f"Name the exercise: `make {options.name} EX={exercise.ids()[0]}`.")
    return exercise.load(exercise.choose([options.exercise])[0], seed=1)


def _hint(options: argparse.Namespace) -> int:
    chosen = _one(options)
    standing = progress.read(options.out).get(chosen.id)
    passed = standing.passed if standing else ()
    checks = [check for check, _ in chosen.rubric.checks if check.id not in passed]
    if not checks:
        print("Every check of this exercise has passed; there is nothing to hint at.")
        return ALL_POINTS
    print(hints.next_hint(chosen.folder / "hints.md", checks[0].title, options.out / "hints.json"))
    return ALL_POINTS


def _solution(options: argparse.Namespace) -> int:
    chosen = _one(options)
    folder = SOLUTIONS / chosen.id
    if not folder.exists():
        raise UsageError("The model solutions are not part of this copy; ask your teacher for them.")
    standing = progress.read(options.out).get(chosen.id)
    if not (standing and standing.has_passed) and not options.force:
        raise UsageError(
            f"The solution opens once {chosen.id} has passed.",
            cure=f"`make hint EX={chosen.id}` helps; ARGS=--force opens it all the same.",
        )
    files = sorted(folder.iterdir(), key=lambda path: path.name != submission.PROGRAM)
    for path in files:
        if len(files) > 1:
            print(f"--- {path.name} ---")
        print(path.read_text(encoding="utf-8"), end="")
    return ALL_POINTS


def _reset(options: argparse.Namespace) -> int:
    chosen = _one(options)
    for kept in sorted((STUBS / chosen.id).iterdir()):
        mine = chosen.folder / kept.name
        if mine.exists() and mine.read_bytes() != kept.read_bytes():
            backup = mine.with_name(f"{mine.name}.bak")
            mine.replace(backup)
            print(f"What you had is kept as {backup.relative_to(KIT)}.")
        shutil.copy2(kept, mine)
    print(f"{chosen.id} is as it was handed out.")
    return ALL_POINTS


def _progress(options: argparse.Namespace) -> int:
    from grader.report.reading import WORDS

    known = progress.read(options.out)
    for each in exercise.ids():
        found = known.get(each)
        if found is None:
            print(f"{each:26}not graded yet")
            continue
        outcome = WORDS.get(found.outcome, found.outcome)
        if found.has_passed and found.outcome != "passed":
            outcome = f"passed before; now {outcome}"
        best = f"   best {found.best_score}/{found.max_score}" if found.has_been_better else ""
        print(f"{each:26}{outcome:30}{found.score:>2}/{found.max_score}{best}")
    return ALL_POINTS


def _handout(options: argparse.Namespace) -> int:
    handout.write(options.folder)
    print(f"The students' repository is in {options.folder}; `make grade` works there.")
    return ALL_POINTS


def _check_exercises(options: argparse.Namespace) -> int:
    chosen = exercise.choose(options.exercises)
    if options.renew_stubs and not options.exercises:
        raise UsageError(
            "--renew-stubs wants the names of exercises.",
            cure="It hands out what exercises/ has, and what you have solved there is not to be handed out.",
        )
    if options.renew_stubs:
        written = gate.renew_stubs(chosen)
        print("\n".join(f"{each} has been renewed." for each in written) or "No stub had to be renewed.")
    found = gate.problems(chosen)
    for each in (*found, *gate.remarks(chosen)):
        print(each)
    if found:
        return POINTS_MISSING
    if len(chosen) == 1:
        print(f"{chosen[0]} is well made; now its solution is graded.")
    else:
        print(f"{len(chosen)} exercise folders are well made; now their solutions are graded.")
    arguments = ["grade", *chosen, "--submission", str(SOLUTIONS), "--out", "report/solutions"]
    options = _parser().parse_args(arguments)
    report = _graded(options)
    code = _show(report, options.out, author=True)
    unmade = gate.unmade(remark for each in report.exercises for remark in each.advice)
    for remark in unmade:
        print(remark)
    return code or (POINTS_MISSING if unmade else ALL_POINTS)


def _doctor(_options: argparse.Namespace) -> int:
    from grader import doctor

    return doctor.main()


def _lab(options: argparse.Namespace) -> int:
    from grader import labs

    setup.prepare("local", _say)
    return labs.main(options.names, options.out, options.seed)


def _broker(options: argparse.Namespace) -> int:
    from grader import by_hand

    setup.prepare("local", _say)
    print(by_hand.act(options.action, options.topic))
    return ALL_POINTS
