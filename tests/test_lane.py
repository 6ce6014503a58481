"""One broker behind its relay: what becomes of a run at its start, and of one whose broker ends."""

import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from grader import session
from grader.broker.local import LocalBroker
from grader.errors import BrokerError
from grader.lane import Lane
from grader.model import Evidence, Scenario, Submission, Topic

pytestmark = pytest.mark.broker

SENDS = """
import os
from kafka import KafkaProducer
with KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"]) as producer:
    producer.send("orders", b"first").get(20)
"""
SLEEPS = """
import time
print("begun")
time.sleep(60)
"""


@pytest.fixture
def lane() -> Iterator[Lane]:
    with session.workshop("local") as workshop:
        one = Lane(workshop, 1)
        yield one
        one.close()


def run(lane: Lane, source: str) -> Evidence:
    scenario = Scenario(name="some", title="some", topics=(Topic("orders"),), wall_limit_s=50)
    return lane.run(Submission("some", {"producer.py": source.encode()}, ""), scenario)


def test_the_first_program_after_a_start_gets_a_producer_id_at_once(lane: Lane) -> None:
    seen = run(lane, SENDS)
    assert 1 == len(seen.records), seen.run.stderr
    assert [None] == [each.error for each in seen.requests_of("INIT_PRODUCER_ID")]


def test_a_run_is_given_up_when_its_broker_ends(lane: Lane) -> None:
    assert isinstance(lane.broker, LocalBroker)
    broker = psutil.Process(lane.broker.pid)

    def end_the_broker_in_mid_run() -> None:
        while not any("producer.py" in each.cmdline() for each in psutil.Process().children(recursive=True)):
            time.sleep(0.05)
        broker.kill()

    threading.Thread(target=end_the_broker_in_mid_run).start()
    began = time.monotonic()
    with pytest.raises(BrokerError, match="ended by itself"):
        run(lane, SLEEPS)
    assert time.monotonic() - began < 20
