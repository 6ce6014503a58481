"""The one exception that counts against a submission."""

from typing import NoReturn

from grader.model import Feedback


class Failure(Exception):
    """An expectation that the evidence does not meet; anything else raised in a check is ours."""

    def __init__(self, feedback: Feedback) -> None:
        super().__init__(feedback.seen)
        self.feedback = feedback


def fail(seen: str, *, expected: str, advice: str = "") -> NoReturn:
    """Raise a `Failure` with what was seen, what was expected and what to try."""
    raise Failure(Feedback(seen, expected, advice))
