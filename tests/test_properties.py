"""Client settings read from a properties file."""

from pathlib import Path

import pytest

from grader.broker.properties import client_options, entries
from grader.errors import UsageError

SCRAM = r"""
# how the grader reaches the school's cluster
bootstrap.servers = kafka.school.example:9093
security.protocol=SASL_SSL
! a comment of the other kind
sasl.mechanism: SCRAM-SHA-512
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
    username="grader" \
    password="say \"no\" = \\";
ssl.truststore.type=PEM
ssl.truststore.location=ca.pem
ssl.endpoint.identification.algorithm=
"""


def options_of(folder: Path, text: str) -> dict[str, str | bool]:
    path = folder / "client.properties"
    path.write_text(text, encoding="utf-8")
    return client_options(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as refused:
        options_of(folder, text)
    return str(refused.value)


def test_a_file_of_kafkas_own_tools_is_understood(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    assert {
        "bootstrap_servers": "kafka.school.example:9093",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "grader",
        "sasl_plain_password": 'say "no" = \\',
        "ssl_cafile": str(tmp_path / "ca.pem"),
        "ssl_check_hostname": False,
    } == options_of(tmp_path, SCRAM)


def test_librdkafkas_names_are_understood(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("")
    text = "sasl.mechanisms=PLAIN\nsasl.username=a\nsasl.password=b\nssl.key.location=key.pem\n"
    assert {
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "a",
        "sasl_plain_password": "b",
        "ssl_keyfile": str(tmp_path / "key.pem"),
    } == options_of(tmp_path, text)


def test_names_are_checked_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    assert options_of(tmp_path, "ssl.endpoint.identification.algorithm=https") == {"ssl_check_hostname": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", [("a", "b")]),
        (" a : b = c ", [("a", "b = c")]),
        ("a b", [("a", "b")]),
        ("a", [("a", "")]),
        ("a=1\\\n   2\nb=3", [("a", "12"), ("b", "3")]),
        ("a=1\\\r\n\t2", [("a", "12")]),
        ("#a=1\n!b=2\n\n   \n", []),
    ],
)
def test_entries(text: str, expected: list[tuple[str, str]]) -> None:
    assert expected == list(entries(text))


def test_an_unknown_setting_is_refused_and_the_known_ones_are_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, "ssl.trustore.location=ca.pem")
    assert "“ssl.trustore.location” is not understood" in said
    assert "ssl.truststore.location" in said


def test_javas_own_stores_are_refused_with_the_cure(tmp_path: Path) -> None:
    assert "as PEM" in refusal(tmp_path, "ssl.truststore.type=JKS")


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    assert "which is not there" in refusal(tmp_path, "ssl.ca.location=ca.pem")


def test_a_login_needs_both_halves_and_its_password_is_never_said(tmp_path: Path) -> None:
    said = refusal(tmp_path, 'sasl.jaas.config=PlainLoginModule required password="secret";')
    assert "username" in said
    assert "secret" not in said


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.properties cannot be read"):
        client_options(tmp_path / "nowhere.properties")
    (tmp_path / "latin").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="cannot be read"):
        client_options(tmp_path / "latin")
