"""A broker that somebody else runs: its topics are left alone, and it may ask for a password and TLS."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from grader.broker.external import ExternalBroker, parts
from grader.broker.local import LocalBroker
from grader.broker.marker import MARKER, MarkedTopics
from grader.broker.node import HOST, Node, free_ports
from grader.errors import BrokerError, UsageError
from grader.model import Topic

PASSWORD = "not a secret"  # noqa: S105 - of a broker of this test


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("localhost:9092", ("localhost", 9092)),
        (" kafka.example:1 ", ("kafka.example", 1)),
        ("[::1]:9092", ("::1", 9092)),
    ],
)
def test_addresses(address: str, expected: tuple[str, int]) -> None:
    assert expected == parts(address)


@pytest.mark.parametrize(
    "address", ["localhost", ":9092", "localhost:", "localhost:http", "localhost:65536", ""]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is not an address") as refused:
        parts(address)
    assert refused.value.exit_code == 2


def test_nothing_there_is_said_with_its_cure() -> None:
    (port,) = free_ports(1)
    with pytest.raises(BrokerError, match=f"No Kafka broker answers at {HOST}:{port}") as refused:
        ExternalBroker([f"{HOST}:{port}"])
    assert "leave --broker out" in refused.value.cure


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a broker that somebody runs."""
    folder = tmp_path_factory.mktemp("theirs")
    broker = LocalBroker(folder / "broker", advertised="127.0.0.1:1", environment={})
    yield broker.servers
    broker.stop()


@pytest.fixture
def admin(theirs: str) -> Iterator[KafkaAdminClient]:
    """Return somebody's admin client; every topic is removed before and afterwards."""
    client = KafkaAdminClient(bootstrap_servers=theirs)
    remove_all(client)
    yield client
    remove_all(client)
    client.close()


@pytest.fixture
def topics(theirs: str, admin: KafkaAdminClient) -> Iterator[MarkedTopics]:  # noqa: ARG001 - it clears up
    found = ExternalBroker([theirs]).topics()
    yield found
    found.close()


def remove_all(admin: KafkaAdminClient) -> None:
    if present := admin.list_topics():
        admin.delete_topics(present)
    await_topics(admin, set())


def await_topics(admin: KafkaAdminClient, expected: set[str]) -> None:
    deadline = time.monotonic() + 10
    while set(admin.list_topics()) != expected:
        assert time.monotonic() < deadline, admin.list_topics()


def make(admin: KafkaAdminClient, name: str) -> None:
    admin.create_topics([NewTopic(name, 1, 1)])
    admin.wait_for_topics([name])


def send(servers: str, topic: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=servers)
    producer.send(topic, value).get(10)
    producer.close()


@pytest.mark.broker
def test_topics_are_made_used_and_made_anew(theirs: str, topics: MarkedTopics) -> None:
    topics.make_anew([Topic("orders", 4)])
    send(theirs, "orders", b"first")
    assert topics.sizes() == {"orders": 4}
    records, _ = topics.read(["orders"])
    assert [b"first"] == [each.value for each in records]
    topics.make_anew([Topic("orders", 2), Topic("payments", 1)])
    assert topics.sizes() == {"orders": 2, "payments": 1}
    assert topics.read(["orders"])[0] == ()


@pytest.mark.broker
def test_somebodys_topics_are_neither_deleted_nor_seen(admin: KafkaAdminClient, topics: MarkedTopics) -> None:
    make(admin, "invoices")
    topics.make_anew([Topic("orders", 1)])
    topics.make_anew([Topic("payments", 1)])
    assert topics.sizes() == {"payments": 1}
    await_topics(admin, {"invoices", "payments", MARKER})


@pytest.mark.broker
def test_a_topic_that_appears_during_a_run_is_seen_and_left_alone_afterwards(
    admin: KafkaAdminClient, topics: MarkedTopics
) -> None:
    topics.make_anew([Topic("orders", 1)])
    make(admin, "oders")
    assert topics.sizes() == {"orders": 1, "oders": 1}
    topics.make_anew([Topic("orders", 1)])
    assert topics.sizes() == {"orders": 1}
    await_topics(admin, {"oders", "orders", MARKER})


@pytest.mark.broker
def test_a_topic_of_an_exercises_name_that_the_kit_did_not_make_is_refused(
    theirs: str, admin: KafkaAdminClient, topics: MarkedTopics
) -> None:
    make(admin, "orders")
    send(theirs, "orders", b"precious")
    with pytest.raises(BrokerError, match="a topic orders that the kit did not make") as refused:
        topics.make_anew([Topic("orders", 1)])
    assert "leave --broker out" in refused.value.cure
    await_topics(admin, {"orders", MARKER})


@pytest.mark.broker
def test_a_topic_of_the_kits_that_somebody_made_anew_is_theirs(
    admin: KafkaAdminClient, topics: MarkedTopics
) -> None:
    topics.make_anew([Topic("orders", 1)])
    admin.delete_topics(["orders"])
    await_topics(admin, {MARKER})
    make(admin, "orders")
    with pytest.raises(BrokerError, match="did not make"):
        topics.make_anew([Topic("orders", 1)])


@pytest.mark.broker
def test_what_an_earlier_grading_left_is_the_kits(theirs: str, topics: MarkedTopics) -> None:
    topics.make_anew([Topic("orders", 3)])
    later = ExternalBroker([theirs]).topics()
    later.make_anew([Topic("orders", 1)])
    assert later.sizes() == {"orders": 1}
    later.close()


@pytest.mark.broker
def test_of_two_gradings_the_later_one_goes_on(theirs: str, topics: MarkedTopics) -> None:
    topics.make_anew([Topic("orders", 1)])
    later = ExternalBroker([theirs]).topics()
    with pytest.raises(BrokerError, match="Another grading has begun"):
        topics.read(["orders"])
    with pytest.raises(BrokerError, match="Another grading has begun"):
        topics.make_anew([Topic("orders", 1)])
    later.make_anew([Topic("orders", 1)])
    later.close()


@pytest.mark.broker
def test_it_offers_neither_faults_nor_requests(theirs: str) -> None:
    broker = ExternalBroker([theirs])
    assert not broker.offer.relay
    assert not broker.offer.request_log
    assert () == broker.requests(None, (), {})
    broker.stop()
    broker.check_alive()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """Return a broker's open address, its guarded one, and the certificate of the latter."""
    folder = tmp_path_factory.mktemp("guarded")
    pem, certificate = folder / "keystore.pem", folder / "certificate.pem"
    made = subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", pem, "-out", certificate),
        ],
        check=False,
        capture_output=True,
    )
    if made.returncode != 0:
        pytest.skip("openssl makes no certificate here")
    pem.write_text(pem.read_text() + certificate.read_text())
    free, guard, controller = free_ports(3)
    node = Node(
        folder / "node",
        {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "listeners": f"STUDENT://{HOST}:{free},GRADER://{HOST}:{guard},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"STUDENT://{HOST}:{free},GRADER://{HOST}:{guard}",
            "listener.security.protocol.map": "STUDENT:PLAINTEXT,GRADER:SASL_SSL,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "STUDENT",
            "listener.name.grader.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.grader.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain."
            f'PlainLoginModule required user_grader="{PASSWORD}";',
            "listener.name.grader.ssl.keystore.type": "PEM",
            "listener.name.grader.ssl.keystore.location": str(pem),
        },
    )
    node.launch()
    try:
        node.await_answer(free)
        yield f"{HOST}:{free}", f"{HOST}:{guard}", certificate
    finally:
        node.stop()


def properties(folder: Path, guarded: tuple[str, str, Path], password: str) -> Path:
    _, address, certificate = guarded
    path = folder / "client.properties"
    path.write_text(
        f"bootstrap.servers={address}\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\\n"
        f'  username="grader" password="{password}";\n'
        f"ssl.truststore.type=PEM\nssl.truststore.location={certificate}\n"
    )
    return path


@pytest.mark.broker
def test_a_guarded_listener_is_reached_by_a_file_of_settings(
    tmp_path: Path, guarded: tuple[str, str, Path]
) -> None:
    broker = ExternalBroker([guarded[0]], properties=properties(tmp_path, guarded, PASSWORD))
    assert broker.upstreams == (parts(guarded[0]),)
    assert broker.servers == guarded[1]
    topics = broker.topics()
    topics.make_anew([Topic("orders", 2)])
    send(guarded[0], "orders", b"by the open door")
    records, _ = topics.read(["orders"])
    topics.close()
    assert [b"by the open door"] == [each.value for each in records]


@pytest.mark.broker
def test_a_wrong_password_is_the_settings_fault(tmp_path: Path, guarded: tuple[str, str, Path]) -> None:
    with pytest.raises(BrokerError, match=r"cannot reach .* with these settings") as refused:
        ExternalBroker([guarded[0]], properties=properties(tmp_path, guarded, "wrong"))
    assert "wrong" not in str(refused.value)
