"""A report as the contents of `results.json`: what other tools read (docs/results.schema.json)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from grader.model import Evidence, ExerciseReport, Explanation, Outcome, Report, Traffic
from grader.report import reading, scenarios
from grader.report.text import decoded, sound

SCHEMA = 1


def data(report: Report) -> dict[str, object]:
    """Return a report as what JSON can hold; valid for one that is not complete, too.

    Texts are as they were seen, control characters included: whoever shows them makes them harmless.
    """
    whole = {
        "schema": SCHEMA,
        "complete": report.complete,
        "score": report.score,
        "max_score": report.max_score,
        "seed": report.seed,
        "kit_version": report.kit_version,
        "environment": asdict(report.environment),
        "exercises": [_exercise(each) for each in report.exercises],
    }
    return {name: _sound(value) for name, value in whole.items()}


def _sound(value: object) -> object:
    """Return a value whose texts every encoder takes."""
    match value:
        case str():
            return sound(value)
        case Mapping():
            return {sound(str(name)): _sound(each) for name, each in value.items()}
        case list() | tuple():
            return [_sound(each) for each in value]
        case _:
            return value


def _exercise(exercise: ExerciseReport) -> dict[str, object]:
    first = reading.first_failed(exercise)
    return {
        "id": exercise.id,
        "title": exercise.title,
        "outcome": exercise.outcome,
        "score": exercise.score,
        "max_score": exercise.max_score,
        "digest": exercise.digest,
        "start": first.check.id if first else None,
        "checks": [_check(exercise, each) for each in exercise.outcomes],
        "advice": list(exercise.advice),
        "trouble": exercise.trouble,
        "explanation": _explanation(exercise.explanation) if exercise.explanation else None,
        "ignored": dict(reading.ignored(exercise)),
        "scenarios": [_scenario(each) for each in exercise.evidence.values()],
    }


def _check(exercise: ExerciseReport, outcome: Outcome) -> dict[str, object]:
    check, feedback = outcome.check, outcome.feedback
    return {
        "id": check.id,
        "title": check.title,
        "outcome": outcome.outcome,
        "points": outcome.points,
        "max_points": check.max_points,
        "seen": feedback.seen,
        "expected": feedback.expected,
        "advice": feedback.advice,
        "scenario": check.scenarios[0] if check.scenarios else "",
        "scenarios": list(check.scenarios),
        "after": list(check.after),
        "hangs_on": [each.id for each in reading.hangs_on(exercise, outcome)],
        "prediction": asdict(outcome.prediction) if outcome.prediction else None,
    }


def _explanation(explanation: Explanation) -> dict[str, object]:
    return {**asdict(explanation), "teacher_max": explanation.teacher_max}


def _scenario(evidence: Evidence) -> dict[str, object]:
    run, scenario = evidence.run, evidence.scenario
    return {
        "name": scenario.name,
        "title": scenario.title,
        "args": list(scenario.args),
        "exit": asdict(run.exit),
        "stdout": decoded(run.stdout),
        "stderr": decoded(run.stderr),
        "stdout_bytes": max(run.stdout_bytes, len(run.stdout)),
        "stderr_bytes": max(run.stderr_bytes, len(run.stderr)),
        "duration_s": round(run.duration_s, 3),
        "wall_limit_s": run.wall_limit_s,
        "isolation": run.isolation,
        "records": _records(evidence),
        "requests": [asdict(each) for each in scenarios.request_rows(evidence)]
        if evidence.request_log
        else None,
        "relay": _relay(evidence.traffic),
    }


def _records(evidence: Evidence) -> Mapping[str, Mapping[str, int]]:
    """Return how many records each topic holds, by partition; the empty partitions are named, too."""
    found = Counter((record.topic, record.partition) for record in evidence.records)
    sizes = {topic.name: topic.partitions for topic in evidence.scenario.topics}
    for topic, partition in found:
        sizes[topic] = max(partition + 1, sizes.get(topic, 0), evidence.topics.get(topic, 0))
    return {
        topic: {str(number): found[topic, number] for number in range(size)} for topic, size in sizes.items()
    }


def _relay(traffic: Traffic | None) -> dict[str, object] | None:
    if traffic is None:
        return None
    return {
        "connections": traffic.connections,
        "doors": dict(traffic.doors),
        "bytes_in": traffic.bytes_in,
        "not_kafka": list(traffic.not_kafka),
        "refused": dict(traffic.refused),
        "stall": traffic.stall,
        "fault_reached": traffic.fault_reached,
        "unfinished": traffic.unfinished,
    }
