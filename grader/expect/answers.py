"""Expectations on written answers: what `answers.toml` predicts, held against an experiment."""

from collections.abc import Sequence
from typing import NoReturn

from grader.answers import FILE, Answer, Claim, answer_to, read_answers
from grader.expect.failure import Failure
from grader.model import Evidence, Feedback, Prediction
from grader.toml import Malformed

OPEN = "open: this run does not tell them apart, and any prediction counts"
LAST_COUNTS = "Answer anew and grade again: the last prediction counts, the first is kept beside it."


class Refuted(Failure):
    """A prediction that the experiment does not bear out."""

    def __init__(self, feedback: Feedback, prediction: Prediction) -> None:
        super().__init__(feedback)
        self.prediction = prediction


def answers_read(evidence: Evidence, claims: Sequence[Claim]) -> None:
    """Expect an answers.toml that can be read and answers at least one of these questions."""
    try:
        answers = read_answers(_content(evidence), claims)
    except Malformed as error:
        _refuse(error)
    if not answers:
        raise Failure(
            Feedback(
                f"None of the {len(claims)} questions in `{FILE}` is answered.",
                f'An answer in place of each "?", such as `{_example(claims)}`.',
                "Predict first, then grade: the report shows what the broker did.",
            )
        )


def answer(
    evidence: Evidence, claim: Claim, *, truth: Answer | None, because: str, advice: str = LAST_COUNTS
) -> Prediction:
    """Expect the answer that the experiment gave.

    Args:
        truth: The answer, computed from the experiment's evidence; None where that leaves it open.
        because: The experiment's figures, as a sentence.

    Returns:
        The prediction, for the report; a refuted one carries it, too.
    """
    if claim.options and truth is not None and truth not in claim.options:
        raise ValueError(f"the experiment on {claim.name} gave {truth!r}, which is no option")
    try:
        given = answer_to(_content(evidence), claim)
    except Malformed as error:
        _refuse(error)
    if given is None:
        raise Failure(
            Feedback(
                f"`{claim.name}` is not answered yet.",
                f"An answer in `{FILE}` to: {claim.question}",
                "A wrong prediction costs no more than none, and shows more.",
            )
        )
    prediction = Prediction(
        claim=claim.name,
        question=claim.question,
        last=claim.show(given),
        truth=OPEN if truth is None else claim.show(truth),
        because=because,
        correct=truth is None or given == truth,
    )
    if not prediction.correct:
        seen = f"Predicted: {prediction.last}. Seen on the broker: {because}"
        raise Refuted(Feedback(seen, f"{prediction.truth}.", advice), prediction)
    return prediction


def _content(evidence: Evidence) -> bytes:
    files = evidence.submission.files
    if FILE not in files:
        reason = evidence.submission.ignored.get(FILE, "is missing")
        raise Failure(
            Feedback(
                f"`{FILE}` {reason}.",
                f"`{FILE}` beside `producer.py`, with the questions as they were handed out.",
                "It was handed out beside the stub: put it back.",
            )
        )
    return files[FILE]


def _refuse(error: Malformed) -> NoReturn:
    where = FILE if error.line is None else f"{FILE}, line {error.line}"
    raise Failure(Feedback(f"{where}: {error.seen}", error.expected, error.advice)) from error


def _example(claims: Sequence[Claim]) -> str:
    claim = claims[0]
    value = f'"{next(iter(claim.options))}"' if claim.options else "3"
    return f"{claim.name} = {value}"
