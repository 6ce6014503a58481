"""Kafka from Apache's image, on a real engine: it is found, it is lost, and nothing is left of it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from grader.broker import container
from grader.broker import docker as adapter
from grader.broker.container import GRADER, LABEL, LOOPBACK, STUDENT
from grader.broker.docker import DockerBroker
from grader.errors import BrokerError, EvidenceError
from grader.model import Topic
from tests.docker.conftest import await_left, left

pytestmark = [pytest.mark.docker, pytest.mark.broker, pytest.mark.timeout(180)]

ADVERTISED = "127.0.0.1:1"
# Starts a broker, says that it is up, and waits to be ended.
HOLDS = f"""
import sys, time
from pathlib import Path
from grader.broker.docker import DockerBroker
broker = DockerBroker(Path(sys.argv[1]) / "broker", advertised="{ADVERTISED}")
try:
    print("up", flush=True)
    time.sleep(120)
finally:
    broker.stop()
"""


@pytest.fixture
def broker(nothing_left: Any, tmp_path: Path) -> Iterator[DockerBroker]:  # noqa: ARG001 - looked at afterwards
    started = DockerBroker(tmp_path / "broker", advertised=ADVERTISED)
    yield started
    started.stop()


def test_ports_are_published_to_this_machine_alone(broker: DockerBroker, engine: Any) -> None:
    (found,) = engine.containers.list(filters={"label": LABEL})
    published = found.attrs["NetworkSettings"]["Ports"]
    assert {f"{STUDENT}/tcp", f"{GRADER}/tcp"} == {port for port, places in published.items() if places}
    if broker.upstreams[0][0] == LOOPBACK:
        assert {LOOPBACK} == {place["HostIp"] for places in published.values() for place in places or ()}


def test_a_transaction_is_committed(broker: DockerBroker) -> None:
    """Its markers are written by the broker to itself, by a listener of its own."""
    topics = broker.topics()
    topics.make_anew([Topic("orders", 1)])
    producer = KafkaProducer(bootstrap_servers=broker.servers, transactional_id="one")
    producer.init_transactions()
    producer.begin_transaction()
    producer.send("orders", b"committed").get(10)
    producer.commit_transaction()
    producer.close()
    deadline = time.monotonic() + 10
    while not (found := topics.read(["orders"]))[0]:
        assert time.monotonic() < deadline
    assert () == found[1]
    topics.close()


def test_a_container_that_is_lost_is_ours(broker: DockerBroker, engine: Any) -> None:
    since = broker.mark()
    broker.check_alive()
    for each in engine.containers.list(filters={"label": LABEL}):
        each.kill()
    await_lost(broker)
    with pytest.raises(BrokerError, match="ended by itself") as lost:
        broker.check_alive()
    assert "Kafka Server started" in lost.value.detail
    with pytest.raises((BrokerError, EvidenceError)):
        broker.requests(since, (), {})


def await_lost(broker: DockerBroker) -> None:
    deadline = time.monotonic() + 10
    with contextlib.suppress(BrokerError):
        while time.monotonic() < deadline:
            broker.check_alive()
            time.sleep(0.01)


@pytest.mark.usefixtures("nothing_left")
def test_a_broker_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**adapter.settings(), "num.network.threads": "none"}
    monkeypatch.setattr(adapter, "settings", lambda: wrong)
    with pytest.raises(BrokerError) as failed:
        DockerBroker(tmp_path / "broker", advertised=ADVERTISED)
    assert "num.network.threads" in failed.value.detail


@pytest.mark.usefixtures("nothing_left")
def test_an_image_that_cannot_be_had_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (container, adapter):
        monkeypatch.setattr(module, "IMAGE", "127.0.0.1:1/no-such/kafka:0")
    with pytest.raises(BrokerError) as failed:
        DockerBroker(tmp_path / "broker", advertised=ADVERTISED)
    assert "127.0.0.1:1/no-such/kafka:0" in failed.value.message


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_grader_that_is_ended(
    nothing_left: Any, tmp_path: Path, how: signal.Signals
) -> None:
    before = left(nothing_left)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"up\n"
        assert left(nothing_left) != before
        holder.send_signal(how)
        holder.wait(20)
    await_left(nothing_left, before)


def test_what_was_left_before_it_ran_is_swept(
    nothing_left: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = left(nothing_left)
    nothing_left.containers.create(container.IMAGE, labels={LABEL: "0"})
    assert left(nothing_left) != before
    monkeypatch.setattr(container, "LEFT_BEHIND_S", -5.0)
    DockerBroker(tmp_path / "broker", advertised=ADVERTISED).stop()
    await_left(nothing_left, before)


@pytest.mark.usefixtures("nothing_left")
def test_it_is_reached_directly_where_testcontainers_is_told_so(tmp_path: Path) -> None:
    """In a development container the engine seems to be outside; testcontainers is told where it is."""
    told = {"TESTCONTAINERS_CONNECTION_MODE": "docker_host", "TESTCONTAINERS_HOST_OVERRIDE": "localhost"}
    program = HOLDS.replace('print("up", flush=True)\n    time.sleep(120)', "print(broker.servers)")
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env={**os.environ, **told},
        capture_output=True,
        check=True,
        timeout=90,
    )
    assert done.stdout.startswith(LOOPBACK.encode())
