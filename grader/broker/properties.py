"""Client settings as Kafka's own tools read them: a properties file, in Java's words or librdkafka's."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.errors import UsageError

Options = dict[str, str | bool]

# Settings by kafka-python's names; Java's name first, librdkafka's where it has another.
NAMES: Mapping[str, str] = {
    "bootstrap.servers": "bootstrap_servers",
    "security.protocol": "security_protocol",
    "sasl.mechanism": "sasl_mechanism",
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "ssl.truststore.location": "ssl_cafile",
    "ssl.ca.location": "ssl_cafile",
    "ssl.keystore.location": "ssl_certfile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
}
JAAS = "sasl.jaas.config"
CHECK_NAME = "ssl.endpoint.identification.algorithm"
STORE_TYPES = ("ssl.truststore.type", "ssl.keystore.type")
# Java's key stores cannot be read by a Python client: `PEM` is the type that both know (KIP-651).
PEM = "PEM"
FILES = ("ssl_cafile", "ssl_certfile", "ssl_keyfile")
CREDENTIAL = re.compile(r'(username|password)\s*=\s*"((?:[^"\\]|\\.)*)"')


def client_options(path: Path) -> Options:
    """Return the options of kafka-python's clients that a properties file asks for.

    Files named in it are sought beside it.

    Raises:
        UsageError: The file cannot be read, or holds a setting that is not understood.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings in {path} cannot be read: {error}") from error
    options: Options = {}
    for name, value in entries(text):
        options |= option(name, value, path)
    for name in FILES:
        if name in options:
            options[name] = existing(path.parent / str(options[name]), path)
    return options


def option(name: str, value: str, path: Path) -> Options:
    """Return what one setting asks for."""
    if name in NAMES:
        return {NAMES[name]: value}
    if name == JAAS:
        found = {
            f"sasl_plain_{each[1]}": re.sub(r"\\(.)", r"\1", each[2]) for each in CREDENTIAL.finditer(value)
        }
        if len(found) == 2:
            return dict(found)
        raise UsageError(f'{path}: {JAAS} needs username="…" and password="…".')
    if name == CHECK_NAME:
        return {"ssl_check_hostname": bool(value)}
    if name in STORE_TYPES:
        if value.upper() == PEM:
            return {}
        raise UsageError(
            f"{path}: {name}={value} cannot be read here.",
            cure=f"Export the store as PEM and set {name}=PEM.",
        )
    known = ", ".join([*NAMES, JAAS, CHECK_NAME, *STORE_TYPES])
    raise UsageError(f"{path}: the setting “{name}” is not understood.", cure=f"Known are: {known}.")


def existing(file: Path, path: Path) -> str:
    """Return a file's path as text, once it is sure to be there."""
    if not file.is_file():
        raise UsageError(f"{path} names {file}, which is not there.")
    return str(file)


def entries(text: str) -> Iterator[tuple[str, str]]:
    r"""Yield names and values: `name=value`, `#` and `!` begin a comment, a `\` at the end continues."""
    for line in re.sub(r"\\\r?\n[ \t]*", "", text).splitlines():
        found = re.match(r"\s*([^\s=:#!][^\s=:]*)\s*[=:]?\s*(.*?)\s*$", line)
        if found:
            yield found[1], found[2]
