"""The commands: parse, call, print, exit."""

import argparse
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from grader import archive, exercise, session, submission
from grader.errors import GraderError
from grader.exercise import KIT
from grader.grading import Order, grade
from grader.model import Report

ALL_POINTS, POINTS_MISSING, WRONG_USE, NOT_GRADED, INTERRUPTED = 0, 1, 2, 3, 130
SEEDS = 10_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        options = _parser().parse_args(arguments)
        code: int = options.verb(options)
    except KeyboardInterrupt:
        print("\nStopped. What was graded before is kept in the report.", file=sys.stderr)
        return INTERRUPTED
    except GraderError as error:
        print(f"{error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return NOT_GRADED
    return code


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grader", description="Exercises on Kafka producers.")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    verb = verbs.add_parser("grade", help="grade exercises and write a report")
    verb.add_argument("exercises", nargs="*", metavar="EXERCISE", help="all, when none is named")
    verb.add_argument("--submission", type=Path, default=KIT / "exercises", metavar="DIR")
    verb.add_argument("--out", type=Path, default=Path("report"), metavar="DIR")
    verb.add_argument("--seed", type=int, metavar="N", help="draw the same data as the grading of this seed")
    verb.add_argument("--broker", default="local", metavar="local|HOST:PORT,…")
    verb.add_argument("--isolation", choices=("auto", "full", "basic"), default="auto")
    verb.set_defaults(verb=_grade)
    return parser


def _grade(options: argparse.Namespace) -> int:
    submission.check_folder(options.submission)
    seed = random.randrange(SEEDS) if options.seed is None else options.seed
    order = Order(exercise.choose(options.exercises), options.submission, seed)

    def keep(report: Report) -> None:
        _write(report, options.out)

    with session.workshop(options.broker) as workshop:
        environment = session.environment(options.broker, workshop.sandbox.tier)
        report = grade(order, workshop=workshop, environment=environment, on_report=keep)
    keep(report)
    colour = sys.stdout.isatty()
    print(summary(report, width=80, colour=colour))
    if not report.complete:
        return NOT_GRADED
    return ALL_POINTS if report.score == report.max_score else POINTS_MISSING


def _write(report: Report, out: Path) -> None:
    import json

    archive.write(out / "results.json", json.dumps(data(report), ensure_ascii=False, indent=2))
    archive.write(out / "index.html", page(report))
