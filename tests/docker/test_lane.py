"""Programs run against Kafka in a container, as a grading runs them: what is stored, logged and held up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.broker.docker import DockerBroker
from grader.lane import Lane, Site, Workshop
from grader.model import Evidence, Scenario, Stall, Submission, Topic
from grader.reaper import Reaper
from grader.relay import Relay
from grader.sandbox.basic import BasicSandbox
from tests.docker.conftest import await_left, left

pytestmark = [pytest.mark.docker, pytest.mark.broker, pytest.mark.timeout(180)]

SENDS_TEN = """
import os
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","), acks=1)
for number in range(10):
    producer.send("orders", b"value", key=b"%d" % number)
"""


@pytest.fixture(scope="module")
def lane(engine: Any) -> Iterator[Lane]:
    """Return a lane before a container, as a grading has it."""
    with Reaper.start() as reaper:
        environment = dict(reaper.environment)

        def opened(folder: Path, _brokers: int) -> Site:
            relay = Relay.listen()
            return Site(DockerBroker(folder, advertised=relay.addresses[0]), relay)

        before = left(engine)
        shop = Workshop(reaper.root, BasicSandbox(environment, groups=reaper), opened, environment)
        one = Lane(shop, 1)
        yield one
        one._topics.close()  # noqa: SLF001
        one.close()
        await_left(engine, before)


def run(lane: Lane, program: str, fault: Stall | None = None) -> Evidence:
    submission = Submission("02_message_keys", {"producer.py": program.encode()}, "0" * 64)
    scenario = Scenario(name="some", title="", topics=(Topic("orders", 3),), fault=fault)
    return lane.run(submission, scenario)


def apis(evidence: Evidence) -> list[str]:
    return [each.api for each in evidence.requests]


def test_a_run_is_seen_whole(lane: Lane) -> None:
    seen = run(lane, SENDS_TEN + "producer.flush()")
    assert seen.run.exit.code == 0, seen.run.stderr
    assert [b"%d" % number for number in range(10)] == sorted(each.key or b"" for each in seen.records)
    assert {1} == {each.acks for each in seen.requests_of("PRODUCE")}
    assert {"kafka-python 3.0.12"} == {each.software for each in seen.requests_of("PRODUCE")}
    named = {(part.topic, part.partition) for each in seen.requests_of("PRODUCE") for part in each.parts}
    assert {(each.topic, each.partition) for each in seen.records} == named
    assert seen.traffic is not None
    assert len(apis(seen)) == sum(seen.traffic.requests.values())


def test_a_run_is_told_from_the_one_before(lane: Lane) -> None:
    run(lane, SENDS_TEN + "producer.flush()")
    assert [] == apis(run(lane, "print('nothing')"))
    assert "INIT_PRODUCER_ID" not in apis(run(lane, SENDS_TEN + "producer.flush()"))


def test_a_program_that_does_not_wait_loses_its_records(lane: Lane) -> None:
    seen = run(lane, SENDS_TEN, Stall(4.5))
    assert seen.traffic is not None
    assert seen.traffic.stall == "dropped"
    assert () == seen.records


def test_a_program_that_waits_loses_none(lane: Lane) -> None:
    seen = run(lane, SENDS_TEN + "producer.flush()", Stall(4.5))
    assert seen.traffic is not None
    assert seen.traffic.stall == "released"
    assert len(seen.records) == 10


def test_many_requests_are_all_logged(lane: Lane) -> None:
    seen = run(lane, SENDS_TEN + "for _ in range(2_000):\n    producer.send('orders', b'x').get(10)\n")
    assert len(seen.requests_of("PRODUCE")) >= 2_000
    assert len(seen.records) == 2_010
