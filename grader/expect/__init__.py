"""Expectations for `checks.py`: each returns in silence or raises `Failure` with feedback."""

from grader.expect.failure import Failure, fail

__all__ = ["Failure", "fail"]
