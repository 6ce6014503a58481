"""What a `checks.py` may use, and nothing else."""

from grader import drawing, expect
from grader.answers import claims
from grader.model import (
    BrokerStopped,
    Evidence,
    FirstContactDies,
    LeaderKilled,
    Moment,
    Prediction,
    Record,
    ReplicationSlowed,
    Request,
    Scenario,
    Stall,
    Topic,
)
from grader.rubric import Draw, advises, after, points, reads_requests, under

__all__ = [
    "BrokerStopped",
    "Draw",
    "Evidence",
    "FirstContactDies",
    "LeaderKilled",
    "Moment",
    "Prediction",
    "Record",
    "ReplicationSlowed",
    "Request",
    "Scenario",
    "Stall",
    "Topic",
    "advises",
    "after",
    "claims",
    "drawing",
    "expect",
    "points",
    "reads_requests",
    "under",
]
