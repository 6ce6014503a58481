"""What is known of a grading becomes its report, at any moment."""

from grader import exercise
from grader.errors import BrokerError
from grader.grading import Ledger
from grader.model import Feedback, Outcome, Submission
from tests import report_samples as samples

ID = "01_hello_kafka"


def ledger() -> Ledger:
    handed_in = Submission(ID, {"producer.py": b"print()"}, "c0ffee" * 10)
    return Ledger([exercise.load(ID, seed=1)], {ID: handed_in}, 1, samples.ENVIRONMENT)


def test_what_mends_a_trouble_stands_in_it_and_alone() -> None:
    known = ledger()
    known.trouble[ID] = BrokerError("It is gone.", cure="Start it.", detail="its last line")
    for check, _ in known.exercises[0].rubric.checks:
        known.enter(ID, Outcome(check, "error", 0, Feedback("Another thing.")), lambda _: None)
    made = known.report().exercises[0]
    assert ("It is gone.\nStart it.\nits last line", "Start it.") == (made.trouble, made.cure)
    assert not known.report().complete


def test_a_trouble_that_a_check_has_of_its_own_has_no_cure() -> None:
    known = ledger()
    check = known.exercises[0].rubric.checks[0][0]
    known.enter(ID, Outcome(check, "error", 0, Feedback("A fault of the check.")), lambda _: None)
    made = known.report().exercises[0]
    assert ("A fault of the check.", "") == (made.trouble, made.cure)
