"""The compose file on a real engine: one broker or three, reached from here and from inside."""

from collections.abc import Iterator
from typing import Any

import pytest
from kafka import KafkaAdminClient

from grader.broker.external import ExternalBroker
from grader.broker.marker import MARKER
from grader.broker.node import free_ports
from grader.model import Topic
from tests.docker import compose

pytestmark = [pytest.mark.docker, pytest.mark.broker, pytest.mark.timeout(300)]

ASKS = (
    r"exec 3<>/dev/tcp/%s/19092 && printf '\0\0\0\12\0\22\0\0\0\0\0\1\377\377' >&3 && head -c 8 <&3 | wc -c"
)


@pytest.fixture
def ports(nothing_left: Any) -> Iterator[dict[str, str]]:  # noqa: ARG001 - looked at afterwards
    """Name free ports, and take down afterwards whatever has been brought up."""
    if compose.program() is None:
        pytest.skip("compose is not installed: neither `docker compose` nor docker-compose")
    names = ("KAFKA_PORT", "KAFKA_PORT_2", "KAFKA_PORT_3")
    yield dict(zip(names, map(str, free_ports(3)), strict=True))
    compose.down()


def inside(engine: Any, host: str) -> bytes:
    """Ask a broker from a container of the same network."""
    code, answer = compose.containers(engine)[0].exec_run(["bash", "-c", ASKS % host])
    assert code == 0, answer
    return bytes(answer.strip())


def test_one_broker_by_default(engine: Any, ports: dict[str, str]) -> None:
    compose.up(engine, 1, ports)
    address = f"localhost:{ports['KAFKA_PORT']}"
    admin = KafkaAdminClient(bootstrap_servers=address)
    brokers = admin.describe_cluster()["brokers"]
    assert [address] == [f"{each['host']}:{each['port']}" for each in brokers]
    assert inside(engine, "broker") == b"8"
    topics = ExternalBroker([address]).topics()
    topics.make_anew([Topic("orders", 3)])
    assert {"orders", MARKER} == set(admin.list_topics())
    topics.close()
    admin.close()
    (published,) = {
        place["HostIp"]
        for each in compose.containers(engine)
        for places in each.attrs["NetworkSettings"]["Ports"].values()
        for place in places or ()
    }
    assert published == "127.0.0.1"


def test_three_brokers_by_profile(engine: Any, ports: dict[str, str]) -> None:
    compose.up(engine, 3, {**ports, "COMPOSE_PROFILES": "cluster"})
    admin = KafkaAdminClient(bootstrap_servers=f"localhost:{ports['KAFKA_PORT_3']}")
    found = {each["broker_id"]: str(each["port"]) for each in admin.describe_cluster()["brokers"]}
    admin.close()
    assert dict(zip((1, 2, 3), ports.values(), strict=True)) == found
    for host in ("broker", "broker-2", "broker-3"):
        assert inside(engine, host) == b"8"
