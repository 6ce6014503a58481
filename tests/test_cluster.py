"""Three real brokers: placed, stopped, killed, brought back, and what is done to them in mid-run."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import faults, session
from grader.broker.cluster import Cluster
from grader.broker.placement import NODES, placed
from grader.errors import BrokerError
from grader.lane import Lane, Workshop
from grader.lanes import Job
from grader.model import (
    BrokerStopped,
    Evidence,
    FirstContactDies,
    LeaderKilled,
    ReplicationSlowed,
    Scenario,
    Submission,
    Topic,
)
from grader.relay.faults import LateFetches
from grader.relay.frames import FETCH, Head

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

TWO_IN_SYNC = {"min.insync.replicas": "2"}
NEXT_LACKS = Topic("payments", 2, TWO_IN_SYNC, ((2, 3, 1), (2, 3, 1)))
NEXT_HAS = Topic("payments", 2, TWO_IN_SYNC, ((2, 1, 3), (2, 1, 3)))
SENDS = """
import os
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","), SETTINGS)
with open("told.txt", "w") as told:
    values = [b"%d" % number + b"." * 200 for number in range(COUNT)]
    sent = [producer.send("payments", value, partition=number % 2) for number, value in enumerate(values)]
    for number, future in enumerate(sent):
        future.get(timeout=50)
        print(number, file=told, flush=True)
"""
AWAITS_EACH = """
import os, time
from kafka import KafkaProducer
with KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","), acks=ACKS) as producer:
    producer.send("payments", b"warm-up").get(timeout=10)
    began = time.monotonic()
    for _ in range(5):
        producer.send("payments", b"value").get(timeout=10)
    print(time.monotonic() - began)
"""


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    with session.workshop("local") as opened:
        yield opened


@pytest.fixture(scope="module")
def lane(workshop: Workshop) -> Iterator[Lane]:
    one = Lane(workshop, 1, len(NODES))
    yield one
    one.close()


def run(lane: Lane, source: str, scenario: Scenario, **names: object) -> Evidence:
    for name, value in names.items():
        source = source.replace(name, str(value))
    return lane.run(Submission("some", {"producer.py": source.encode()}, ""), scenario)


def under(topic: Topic, fault: LeaderKilled | BrokerStopped | ReplicationSlowed | None) -> Scenario:
    return Scenario(
        name="some",
        title="some",
        topics=(topic,),
        fault=fault,
        brokers=3,
        collect=("told.txt",),
        wall_limit_s=60,
    )


def numbers(evidence: Evidence) -> list[int]:
    return [int((each.value or b"").rstrip(b".")) for each in evidence.records]


def test_a_program_finds_three_brokers_and_its_requests_are_seen_at_each(lane: Lane) -> None:
    seen = run(lane, SENDS, under(Topic("payments", 3), None), SETTINGS="acks='all'", COUNT=40)
    assert 0 == seen.run.exit.code, seen.run.stderr
    assert {1, 2, 3} == seen.brokers.keys()
    assert {"payments": (1, 2, 3)} == seen.leaders
    assert seen.bootstrap_servers == ",".join(seen.brokers.values())
    assert {1, 2} == {request.broker for request in seen.requests_of("PRODUCE")}
    assert list(range(40)) == sorted(numbers(seen))


@pytest.mark.parametrize("unknown", NODES)
def test_topics_are_made_by_clients_that_have_not_heard_of_a_broker_that_came_back(
    lane: Lane, unknown: int
) -> None:
    topics = lane.broker.topics()
    admin = topics._admin  # noqa: SLF001 - as it is right after a fault; nothing public forgets a broker
    admin._manager.cluster._brokers.pop(unknown)  # noqa: SLF001
    admin._controller_id = unknown  # noqa: SLF001
    topics.make_anew((placed(Topic("payments", 3)),))
    assert {"payments": 3} == topics.sizes()
    topics.close()


def test_replicas_take_turns_where_none_are_stated() -> None:
    assert ((1, 2, 3), (2, 3, 1), (3, 1, 2), (1, 2, 3)) == placed(Topic("t", 4)).replicas
    assert NEXT_HAS == placed(NEXT_HAS)


def test_what_the_leader_alone_acknowledged_dies_with_it(lane: Lane) -> None:
    seen = run(lane, SENDS, under(NEXT_LACKS, LeaderKilled(2, 3)), SETTINGS="acks=1", COUNT=200)
    assert seen.traffic is not None
    assert seen.traffic.fault_reached
    assert 0 == seen.run.exit.code
    assert 200 == len(seen.run.files["told.txt"].split())
    assert len(numbers(seen)) < 200
    assert {2} == set(seen.leaders["payments"])


@pytest.mark.parametrize("topic", [NEXT_LACKS, NEXT_HAS], ids=["lacks", "has"])
def test_what_all_in_sync_replicas_acknowledged_stays(lane: Lane, topic: Topic) -> None:
    seen = run(lane, SENDS, under(topic, LeaderKilled(2, 3)), SETTINGS="linger_ms=1", COUNT=400)
    assert seen.traffic is not None
    assert seen.traffic.fault_reached
    assert 0 == seen.run.exit.code, seen.run.stderr
    assert list(range(400)) == sorted(numbers(seen))
    (moment,) = seen.moments
    told = [int(line) for line in moment.files.get("told.txt", b"").split()]
    stored = {int((each.value or b"").rstrip(b".")) for each in moment.records}
    assert set(told) <= stored
    assert len(stored) < 400


def test_without_idempotence_what_was_under_way_is_there_twice(lane: Lane) -> None:
    settings = "enable_idempotence=False"
    seen = run(lane, SENDS, under(NEXT_HAS, LeaderKilled(2, 3)), SETTINGS=settings, COUNT=400)
    assert 0 == seen.run.exit.code, seen.run.stderr
    assert list(range(400)) == sorted(set(numbers(seen)))
    assert len(numbers(seen)) > 400


def test_a_trigger_that_is_never_reached_is_told(lane: Lane) -> None:
    seen = run(lane, SENDS, under(NEXT_LACKS, LeaderKilled(2, 3)), SETTINGS="acks='all'", COUNT=1)
    assert seen.traffic is not None
    assert seen.traffic.fault_reached is False
    assert () == seen.moments
    assert [0] == numbers(seen)


def test_too_few_in_sync_replicas_refuse_acks_all_and_take_acks_1(lane: Lane) -> None:
    topic = Topic("payments", 2, TWO_IN_SYNC, ((2, 3), (2, 3)))
    settings = "acks={}, delivery_timeout_ms=1500, request_timeout_ms=1000, retries=0"
    told = {}
    for acks in (1, "'all'"):
        seen = run(lane, SENDS, under(topic, BrokerStopped(3)), SETTINGS=settings.format(acks), COUNT=4)
        told[acks] = seen.run.exit.code
    assert {1: 0, "'all'": 1} == told
    errors = {part.error for request in seen.requests_of("PRODUCE") for part in request.parts}
    assert errors & {"NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"}, seen.requests


def test_slowed_replication_slows_acks_all_alone(lane: Lane) -> None:
    topic = Topic("payments", 1, TWO_IN_SYNC, ((2, 3, 1),))
    took = {
        acks: float(run(lane, AWAITS_EACH, under(topic, ReplicationSlowed(0.2)), ACKS=acks).run.stdout)
        for acks in (1, "'all'")
    }
    assert took["'all'"] >= 5 * 0.2 > took[1]


def test_the_cluster_is_whole_again_after_each_of_these(lane: Lane) -> None:
    seen = run(lane, SENDS, under(Topic("payments", 3), None), SETTINGS="acks='all'", COUNT=9)
    assert list(range(9)) == sorted(numbers(seen))
    assert ({1, 2, 3},) * 3 == tuple(set(each) for each in lane._topics.in_sync()["payments"])  # noqa: SLF001


def test_a_first_contact_that_dies_leaves_the_others(lane: Lane) -> None:
    scenario = Scenario(
        name="some",
        title="some",
        topics=(Topic("payments", 3),),
        fault=FirstContactDies(),
        brokers=3,
        contacts=(None, 2, 3, None),
    )
    seen = run(lane, SENDS, scenario, SETTINGS="acks='all'", COUNT=8)
    assert 0 == seen.run.exit.code, seen.run.stderr
    assert 4 == len(set(seen.bootstrap_servers.split(",")))
    assert not set(seen.bootstrap_servers.split(",")) & set(seen.brokers.values())
    assert list(range(8)) == sorted(numbers(seen))


def test_without_clusters_such_a_job_goes_to_the_other_lanes(workshop: Workshop) -> None:
    scenario = under(NEXT_LACKS, None)
    assert 3 == workshop.brokers_for(scenario)
    assert 1 == dataclasses.replace(workshop, clusters=False).brokers_for(scenario)
    assert 1 == Job(Submission("some", {}, ""), scenario).brokers


class TestSpoiledFaults:
    """What a busy machine does is never held against a program: the run is made again."""

    @pytest.mark.whole
    def test_a_replica_that_fell_behind_by_itself_spoils_a_run_and_the_next_is_judged(
        self, lane: Lane, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spoiled = iter([True, False])
        whole = lane._topics.in_sync  # noqa: SLF001

        def one_missing() -> object:
            found = whole()
            return (
                {name: tuple(frozenset({2}) for _ in each) for name, each in found.items()}
                if next(spoiled)
                else found
            )

        monkeypatch.setattr(lane._topics, "in_sync", one_missing)  # noqa: SLF001
        seen = run(lane, SENDS, under(NEXT_LACKS, LeaderKilled(2, 3)), SETTINGS="acks='all'", COUNT=200)
        assert list(range(200)) == sorted(numbers(seen))
        assert next(spoiled, None) is None

    @pytest.mark.whole
    def test_one_that_is_spoiled_again_and_again_is_an_error_of_ours(
        self, lane: Lane, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lost(_self: Cluster) -> None:
            raise BrokerError("nobody leads")

        monkeypatch.setattr(Cluster, "await_leaders", lost)
        with pytest.raises(faults.FaultSpoiled, match="nobody leads"):
            run(lane, SENDS, under(NEXT_LACKS, LeaderKilled(2, 3)), SETTINGS="acks=1", COUNT=200)


def test_an_answer_that_crosses_the_mark_is_the_first_to_be_held() -> None:
    late = LateFetches("broker-3-fetcher-0", door=1, after_bytes=100)
    question = Head(0, 50, 1, FETCH, 17, "broker-3-fetcher-0")
    assert 0 == late.on_response(1, question, 60).hold_s
    assert 0 == late.on_response(0, question, 60).hold_s
    assert not late.reached
    assert late.on_response(1, question, 60).hold_s > 0
    assert late.reached


def test_nothing_of_a_cluster_is_left(workshop: Workshop) -> None:
    one = Lane(workshop, 3, len(NODES))
    assert isinstance(one.broker, Cluster)
    pids = [node.process.pid for node in one.broker._nodes.values() if node.process]  # noqa: SLF001
    one.close()
    assert 3 == len(pids)
    assert [] == [pid for pid in pids if Path(f"/proc/{pid}").exists()]
