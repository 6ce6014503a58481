"""One container of Apache's own Kafka image, held by a single connection to the engine.

Everything goes through that connection, so that engines elsewhere work like the one here, without a
mount or a file passed on: the settings go in as variables and as one line of input, the request log
comes out as the container's output. And it is what the container lives by: its first process ends
at the end of its input, whatever ended the grader, and the engine then removes it with its volumes.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from docker.errors import APIError, NotFound
from docker.types import LogConfig
from testcontainers.core.config import ConnectionMode
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from grader.broker.jars import KAFKA_VERSION

IMAGE = f"apache/kafka:{KAFKA_VERSION}"
STUDENT, GRADER, INTERNAL, CONTROLLER = 9092, 9093, 9094, 9095
LABEL = "kafka-producers-kit"
LOOPBACK = "127.0.0.1"
# The image's own start, told where the grader reaches it once the engine has chosen the port.
COMMAND = """\
read -r KAFKA_ADVERTISED_LISTENERS || exit
export KAFKA_ADVERTISED_LISTENERS
printf '%s' "$KIT_LOG_SETTINGS" > /tmp/kit-log4j2.properties
exec 3<&0
/etc/kafka/docker/run < /dev/null &
cat <&3 > /dev/null &
wait -n
"""
LOG_SETTINGS = """\
status = ERROR
appender.requests.type = Console
appender.requests.name = REQUESTS
appender.requests.target = SYSTEM_OUT
appender.requests.layout.type = PatternLayout
appender.requests.layout.pattern = %m%n
appender.server.type = Console
appender.server.name = SERVER
appender.server.target = SYSTEM_ERR
appender.server.layout.type = PatternLayout
appender.server.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.server.ref = SERVER
logger.requests.name = kafka.request.logger
logger.requests.level = DEBUG
logger.requests.additivity = false
logger.requests.appenderRef.requests.ref = REQUESTS
"""
STOP_LIMIT_S = 10.0
# A container that was made and never started has no process that could end it; nobody takes that long.
LEFT_BEHIND_S = 600.0
CHUNK_BYTES = 65_536
# A frame of the engine's stream: which output, three bytes of nothing, the length.
FRAME = struct.Struct(">BxxxL")
OUTPUT = 1


class KafkaContainer(DockerContainer):
    """A combined KRaft node in a container.

    Args:
        folder: Where its output is written, `requests.log` and `server.log`.
        advertised: `host:port` at which programs reach it, the relay's address.
        settings: Kafka's settings by the names of its reference.
    """

    def __init__(self, folder: Path, *, advertised: str, settings: Mapping[str, str]) -> None:
        super().__init__(IMAGE)
        self.env = {variable(name): value for name, value in settings.items()} | {
            "KAFKA_LOG4J_OPTS": "-Dlog4j2.configurationFile=/tmp/kit-log4j2.properties",
            "KIT_LOG_SETTINGS": LOG_SETTINGS,
        }
        self.requests = folder / "requests.log"
        self.output = folder / "server.log"
        self._advertised = advertised
        self._connection: Connection | None = None

    @property
    def ended(self) -> bool:
        """Whether the container has ended."""
        return self._connection is not None and self._connection.ended.is_set()

    def start(self) -> Self:
        """Start it, and return before it answers."""
        client = self.get_docker_client()
        sweep(client.client.api)
        self._container = client.create(
            self.image,
            command=["bash", "-c", COMMAND],
            environment=self.env,
            ports={f"{port}/tcp": published(client) for port in (STUDENT, GRADER)},
            labels={LABEL: KAFKA_VERSION},
            auto_remove=True,
            stdin_open=True,
            log_config=LogConfig(type="none"),
        )
        attached = self._container.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        self._connection = Connection(attached, {OUTPUT: self.requests}, self.output)
        client.start(self._container)
        grader = f"{self.host}:{self.get_exposed_port(GRADER)}"
        listeners = f"STUDENT://{self._advertised},GRADER://{grader},INTERNAL://{LOOPBACK}:{INTERNAL}"
        self._connection.send(f"{listeners}\n".encode())
        return self

    @property
    def host(self) -> str:
        """Where the grader reaches published ports."""
        host = self.get_container_host_ip()
        return LOOPBACK if host == "localhost" else host

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """End it at once and wait until the engine has removed it."""
        if self._connection is not None:
            self._connection.close()
        if self._container is not None:
            remove(self.get_docker_client().client.api, self.get_container_id())
        self.get_docker_client().client.close()


class Connection:
    """What is attached to a container: its input, and its outputs as files.

    Args:
        attached: The engine's socket-like object.
        files: Where an output goes, by its number; every other one goes to `rest`.
    """

    def __init__(self, attached: Any, files: Mapping[int, Path], rest: Path) -> None:
        self._attached = attached  # it closes with the last reference to it
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        self._socket.settimeout(None)
        self.ended = threading.Event()
        self._files = {number: path.open("ab", buffering=0) for number, path in files.items()}
        self._rest = rest.open("ab", buffering=0)
        self._thread = threading.Thread(target=self._follow, name="container", daemon=True)
        self._thread.start()

    def send(self, line: bytes) -> None:
        """Write to the container's input."""
        self._socket.sendall(line)

    def _follow(self) -> None:
        waiting = bytearray()
        with contextlib.suppress(OSError):
            while part := self._socket.recv(CHUNK_BYTES):
                waiting += part
                self._write(waiting)
        self.ended.set()
        for file in (*self._files.values(), self._rest):
            file.close()

    def _write(self, waiting: bytearray) -> None:
        """Write every whole frame, and leave what is not whole."""
        start = 0
        while len(waiting) - start >= FRAME.size:
            number, size = FRAME.unpack_from(waiting, start)
            end = start + FRAME.size + size
            if len(waiting) < end:
                break
            self._files.get(number, self._rest).write(waiting[start + FRAME.size : end])
            start = end
        del waiting[:start]

    def close(self) -> None:
        """Close it, by which the container ends."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(STOP_LIMIT_S)
        with contextlib.suppress(OSError):
            self._attached.close()
            self._socket.close()


def published(client: DockerClient) -> tuple[str, int] | None:
    """Return where a port is published: to this machine alone, where the engine is this machine's."""
    direct = client.get_connection_mode() is ConnectionMode.docker_host
    return (LOOPBACK, 0) if direct and client.host() in {"localhost", LOOPBACK} else None


def variable(setting: str) -> str:
    """Return the image's variable for one of Kafka's settings; none of ours has a dash or an underscore."""
    return f"KAFKA_{setting.replace('.', '_').upper()}"


def sweep(api: Any) -> None:
    """Remove containers of the kit that were made and never started, or ended and were not removed."""
    for each in api.containers(all=True, filters={"label": LABEL}):
        if each["State"] != "running" and time.time() - each["Created"] > LEFT_BEHIND_S:
            remove(api, each["Id"])


def remove(api: Any, container: str) -> None:
    """Remove a container with its volumes and wait until it is gone; the engine may be at it already."""
    deadline = time.monotonic() + STOP_LIMIT_S
    with contextlib.suppress(NotFound):
        with contextlib.suppress(APIError):
            api.remove_container(container, force=True, v=True)
        while api.inspect_container(container) and time.monotonic() < deadline:
            time.sleep(0.02)
