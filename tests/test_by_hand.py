"""The brokers that stay: one for programs run by hand, a spare one that gradings may use."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from grader import by_hand
from grader.broker import jars, warm
from grader.broker.node import free_ports
from grader.broker.spare import SpareBroker
from grader.broker.topics import Topics
from grader.errors import BrokerError, UsageError

KIT = Path(__file__).parent.parent
MINE, SENT = "my_own", b"sent by hand"

pytestmark = [
    pytest.mark.broker,
    # what stays is meant to outlive the process that started it
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Use a cache of the tests' own, so that nobody's brokers are touched; the jars are the user's."""
    folder = tmp_path_factory.mktemp("cache")
    jars.jars()
    (folder / "jars").symlink_to(jars.cache_folder() / "jars")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAFKA_KIT_CACHE", str(folder))
        patch.setenv("KAFKA_KIT_AOT", "off")  # a cache of the fast start fits one folder of jars alone
        yield folder
        warm.stop()


@pytest.fixture(scope="module")
def running() -> warm.State:
    """Return the broker for programs run by hand, with a topic and records of a student's own."""
    by_hand.HAND_PORT = free_ports(1)[0]
    by_hand.act("start", None)
    state = warm.status()
    assert state is not None
    servers = f"localhost:{state.advertised_port}"
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=servers)) as admin:
        admin.create_topics([NewTopic(MINE, 2, 1)])
    with contextlib.closing(KafkaProducer(bootstrap_servers=servers)) as producer:
        for topic in (MINE, "test_topic"):
            producer.send(topic, SENT, key=b"k").get(20)
    return state


def graded(out: Path) -> dict[str, object]:
    """Grade the solution of exercise 01 and return its results."""
    command = [sys.executable, "-m", "grader", "grade", "01", "--submission", "solutions", "--out", str(out)]
    done = subprocess.run(
        command, cwd=KIT, env=dict(os.environ), capture_output=True, text=True, timeout=100, check=False
    )
    assert 0 == done.returncode, done.stdout + done.stderr + (out / "results.json").read_text()
    results: dict[str, object] = json.loads((out / "results.json").read_text())
    return results


def test_without_a_broker_every_action_says_so() -> None:
    assert by_hand.NOT_RUNNING == by_hand.act("status", None)
    assert by_hand.NOT_RUNNING == by_hand.act("stop", None)
    with pytest.raises(UsageError, match="broker start"):
        by_hand.act("read", "test_topic")
    assert SpareBroker.borrowed() is None


def test_a_second_start_finds_the_one_that_runs(running: warm.State) -> None:
    said = by_hand.act("start", None)
    assert running == warm.status()
    assert f"Kafka answers on localhost:{running.advertised_port}" in said
    assert "test_topic  3 partitions" in said
    assert "kept warm for gradings" in said


@pytest.mark.usefixtures("running")
def test_read_shows_a_topic_by_partition() -> None:
    shown = by_hand.act("read", MINE).splitlines()
    assert f"{MINE}: 1 records in 2 partitions" == shown[0]
    assert 1 == sum("key k  value sent by hand" in line for line in shown)
    with pytest.raises(UsageError, match=r"no topic “orderz”"):
        by_hand.act("read", "orderz")


def test_a_port_that_another_broker_holds_is_said(
    running: warm.State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "home", lambda: tmp_path)
    with pytest.raises(BrokerError, match="already answers"):
        warm.start(running.advertised_port)


def test_a_grading_uses_the_spare_one_and_touches_nothing_of_the_students(
    running: warm.State, tmp_path: Path
) -> None:
    spare = warm.status(warm.SPARE)
    assert spare is not None
    results = graded(tmp_path)
    assert results["score"] == results["max_score"]
    assert spare == warm.status(warm.SPARE)
    with contextlib.closing(Topics(spare.servers)) as topics:
        assert {"test_topic"} == topics.sizes().keys()  # of the last scenario: it was graded here
    with contextlib.closing(Topics(running.servers)) as topics:
        for name in (MINE, "test_topic"):
            assert [SENT] == [record.value for record in topics.read([name])[0]]


@pytest.mark.usefixtures("running")
def test_one_grading_at_a_time_uses_it() -> None:
    first = SpareBroker.borrowed()
    assert first is not None
    assert SpareBroker.borrowed() is None
    first.check_alive()
    first.stop()
    again = SpareBroker.borrowed()
    assert again is not None
    again.stop()


@pytest.mark.usefixtures("running")
def test_one_that_was_started_otherwise_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "SETTINGS", {"num.io.threads": "3"})
    assert SpareBroker.borrowed() is None


@pytest.mark.usefixtures("running")
def test_one_whose_relay_port_is_taken_is_not_used(tmp_path: Path) -> None:
    spare = warm.status(warm.SPARE)
    assert spare is not None
    before = spare_log(spare)
    with socket.create_server(("127.0.0.1", spare.advertised_port)):
        results = graded(tmp_path)
    assert results["score"] == results["max_score"]
    assert "Produce" not in spare_log(spare)[len(before) :]


def spare_log(spare: warm.State) -> str:
    return (Path(spare.folder) / "requests.log").read_text()


@pytest.mark.usefixtures("running")
def test_stop_ends_both_and_leaves_nothing() -> None:
    states = [warm.status(name) for name in (warm.HAND, warm.SPARE)]
    borrowed = SpareBroker.borrowed()
    assert borrowed is not None
    assert "topics are gone" in by_hand.act("stop", None)
    with pytest.raises(BrokerError, match="has ended"):
        borrowed.check_alive()
    borrowed.stop()
    assert [] == [state for state in states if state is None or psutil.pid_exists(state.pid)]
    assert {".lock"} == {path.suffix for path in warm.home().iterdir()}
    assert SpareBroker.borrowed() is None
