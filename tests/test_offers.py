"""What is said of the kinds of brokers, and what is blocked there."""

import dataclasses

from grader import exercise, offers
from grader.broker import Offer
from grader.exercise import Exercise
from grader.model import Check, Scenario, Stall
from grader.rubric import Rubric

NOTHING = Offer(relay=False, request_log=False, cluster=False, reason="somebody else runs it")


def check(name: str, *scenarios: str, after: tuple[str, ...] = (), request_log: bool = False) -> Check:
    return Check(name, f"The {name}.", 1, scenarios, after, request_log)


def made(*checks: Check) -> Exercise:
    some = exercise.load(exercise.ids()[0], seed=1)
    scenarios = (
        Scenario(name="healthy", title="", topics=()),
        Scenario(name="stalled", title="", topics=(), fault=Stall(4.0)),
        Scenario(name="three", title="", topics=(), brokers=3),
        Scenario(name="contacts", title="", topics=(), contacts=(1, None)),
        Scenario(name="unreachable", title="", topics=(), contacts=(None,)),
    )
    rubric = Rubric(tuple((each, lambda *_: None) for each in checks), scenarios, ())
    return dataclasses.replace(some, rubric=rubric)


def lacks(offer: Offer, *checks: Check) -> dict[str, str]:
    return {each.id: lack for each, lack in offers.blocked(made(*checks), offer)}


def test_the_page_says_what_the_code_does() -> None:
    page = offers.PAGE.read_text(encoding="utf-8")
    assert offers.rendered(page) == page, "run: .venv/bin/python -m grader.offers"


def test_nothing_is_blocked_where_everything_is_given() -> None:
    every = (check("count", "healthy"), check("wait", "stalled"), check("acks", "healthy", request_log=True))
    assert lacks(Offer(), *every) == {}
    for kind in offers.KINDS[:2]:
        assert lacks(kind.offer, *every) == {}


def test_a_check_of_a_fault_needs_the_relay() -> None:
    found = lacks(
        NOTHING, check("count", "healthy"), check("wait", "stalled"), check("both", "healthy", "stalled")
    )
    assert found == {"wait": "a fault", "both": "a fault"}


def test_a_check_of_three_brokers_needs_them() -> None:
    assert lacks(NOTHING, check("lead", "healthy", "three")) == {"lead": "three brokers"}
    assert lacks(dataclasses.replace(NOTHING, cluster=True), check("lead", "three")) == {}


def test_addresses_of_a_runs_own_need_the_relay_unless_nothing_listens_there() -> None:
    found = lacks(NOTHING, check("finds", "contacts"), check("tells", "unreachable"))
    assert found == {"finds": "addresses of the run's own"}


def test_a_check_of_requests_needs_the_request_log() -> None:
    assert lacks(NOTHING, check("acks", "healthy", request_log=True)) == {"acks": "the request log"}
    with_relay = dataclasses.replace(NOTHING, relay=True)
    assert lacks(with_relay, check("wait", "stalled")) == {}


def test_what_hangs_on_a_blocked_check_is_blocked() -> None:
    found = lacks(
        NOTHING,
        check("wait", "stalled"),
        check("again", "healthy", after=("wait",)),
        check("still", "healthy", after=("again",)),
    )
    assert found == {"wait": "a fault", "again": "“The wait.”", "still": "“The again.”"}


def test_a_broker_that_lacks_something_says_why() -> None:
    for kind in offers.KINDS:
        whole = kind.offer.relay and kind.offer.request_log and kind.offer.cluster
        assert whole is not bool(kind.offer.reason)
