"""The nouns of a grading, as frozen values. Only the standard library is imported here.

A grading is a straight line: a `Submission` is run under the conditions of a `Scenario`; what
happened is frozen as `Evidence`; a check turns evidence into an `Outcome`; outcomes make a `Report`.
"""

from grader.model.evidence import (
    Evidence,
    Exit,
    Moment,
    PartitionRequest,
    Record,
    Request,
    Run,
    RunStatus,
    Submission,
    Traffic,
)
from grader.model.report import (
    Check,
    CheckOutcome,
    Criterion,
    Environment,
    ExerciseOutcome,
    ExerciseReport,
    Explanation,
    Feedback,
    Outcome,
    Prediction,
    Report,
)
from grader.model.scenario import (
    BrokerStopped,
    Fault,
    FirstContactDies,
    LeaderKilled,
    ReplicationSlowed,
    Scenario,
    Stall,
    Topic,
)

__all__ = [
    "BrokerStopped",
    "Check",
    "CheckOutcome",
    "Criterion",
    "Environment",
    "Evidence",
    "ExerciseOutcome",
    "ExerciseReport",
    "Exit",
    "Explanation",
    "Fault",
    "Feedback",
    "FirstContactDies",
    "LeaderKilled",
    "Moment",
    "Outcome",
    "PartitionRequest",
    "Prediction",
    "Record",
    "ReplicationSlowed",
    "Report",
    "Request",
    "Run",
    "RunStatus",
    "Scenario",
    "Stall",
    "Submission",
    "Topic",
    "Traffic",
]
