"""What a `checks.py` may use, and nothing else."""

from grader import expect
from grader.model import Evidence, Record, Request, Scenario, Stall, Topic
from grader.rubric import Draw, advises, after, points, under

__all__ = [
    "Draw",
    "Evidence",
    "Record",
    "Request",
    "Scenario",
    "Stall",
    "Topic",
    "advises",
    "after",
    "expect",
    "points",
    "under",
]
