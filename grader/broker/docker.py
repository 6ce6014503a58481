"""The Docker adapter: Apache's own image, on whatever engine the environment points to.

The relay stands in front of it as before the local broker, and the request log is read: that is all
that the checks rest on. A published port hides where a connection comes from, so a run's requests are
known by the listener, whose address the relay alone is given, and not by their source.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from docker.errors import APIError, DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.docker_client import DockerClient, get_docker_host

from grader.broker import Offer, request_log
from grader.broker.container import CONTROLLER, GRADER, IMAGE, INTERNAL, LOOPBACK, STUDENT, KafkaContainer
from grader.broker.node import LAST_LINES, SETTINGS, START_LIMIT_S
from grader.broker.topics import Topics
from grader.broker.wire import api_versions, fetch_producer_ids
from grader.errors import BrokerError, EvidenceError
from grader.model import Request

FENCE_LIMIT_S = 10.0
HEAP = "-Xmx192m"
# As for a local broker: the first-tier compiler and the serial collector start fastest.
JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Where engines listen that are neither Docker's default nor named: Docker without root, Docker
# Desktop, Podman for one user, Podman for all.
SOCKETS = (
    "{runtime}/docker.sock",
    "{home}/.docker/run/docker.sock",
    "{runtime}/podman/podman.sock",
    "/run/podman/podman.sock",
)
DEFAULT_SOCKET = "/var/run/docker.sock"
REASON = (
    "its conditions are those of three brokers, of which some are stopped or killed, and a grading in Docker "
    "has one; leave --broker out to have this check judged"
)


class DockerBroker:
    """One node in a container that is controller and broker at once.

    Args:
        folder: A folder of its own, made here, for its logs; whoever gave it removes it.
        advertised: `host:port` at which programs reach it, the relay's address.

    Raises:
        BrokerError: No engine answers, the image cannot be had, or Kafka did not start.
    """

    kind = "docker"
    offer = Offer(cluster=False, reason=REASON)

    def __init__(self, folder: Path, *, advertised: str) -> None:
        folder.mkdir(parents=True)
        engine = engine_address()
        with explained(engine):
            require_socket(engine)
            self._container = KafkaContainer(folder, advertised=advertised, settings=settings())
        self._fences: set[str] = set()
        try:
            with explained(engine):
                self._container.start()
                host = self._container.host
                ports = [self._container.get_exposed_port(port) for port in (STUDENT, GRADER)]
            self.upstreams: tuple[tuple[str, int], ...] = ((host, ports[0]),)
            self.servers = f"{host}:{ports[1]}"
            self._await_answer(host, ports[1])
        except BaseException:
            self.stop()
            raise

    def _await_answer(self, host: str, port: int) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not api_versions(host, port, client_id="grader-ready"):
            self.check_alive()
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"Kafka in its container did not answer on {host}:{port} within {START_LIMIT_S:.0f} s.",
                    cure="Is the port reachable from here? An engine elsewhere publishes it there.",
                    detail=self._last_lines(),
                )
            time.sleep(0.005)  # nothing can be waited on before the port is bound
        fetch_producer_ids(host, port, client_id="grader-ready")

    def topics(self) -> Topics:
        """Return every topic: the broker is the grading's own."""
        return Topics(self.servers)

    def mark(self) -> int:
        """Return the length of the request log, in bytes."""
        return self._container.requests.stat().st_size

    def requests(
        self, since: object, sources: Collection[str], topic_names: Mapping[str, str]
    ) -> tuple[Request, ...]:
        """Return the requests behind `since`, once a fence has been logged."""
        start = int(str(since))
        self._fence()
        found = request_log.read(self._container.requests, since=start, sources=None, topic_names=topic_names)
        return tuple(each for each in found if each.client_id not in self._fences)

    def _fence(self) -> None:
        """Send a request on the students' listener and wait until the log shows it.

        The listener has one network thread, which logs in order: what came before is logged, too.
        """
        name = f"fence-{uuid.uuid4().hex}"
        self._fences.add(name)
        self.check_alive()
        if not api_versions(*self.upstreams[0], client_id=name):
            self.check_alive()
            raise EvidenceError("The broker no longer answers; its request log cannot be completed.")
        deadline = time.monotonic() + FENCE_LIMIT_S
        while not request_log.ends_with(self._container.requests, name):
            if time.monotonic() > deadline:
                raise EvidenceError("The broker's request log stopped short of the end of the run.")
            time.sleep(0.002)  # the line follows its answer within a few milliseconds

    def check_alive(self) -> None:
        """Raise `BrokerError` with the last lines when the container has ended."""
        if self._container.ended:
            raise BrokerError(
                "The container of the Kafka broker ended by itself.",
                cure="Grade again; leave --broker out to go without Docker.",
                detail=self._last_lines(),
            )

    def _last_lines(self) -> str:
        """Return the end of what the container wrote, but for requests and the insides of Java's errors."""
        lines = [
            line
            for path in (self._container.requests, self._container.output)
            for line in path.read_text(errors="replace").splitlines()
            if '"listener":' not in line and not line.startswith("\tat ")
        ]
        return "\n".join(lines[-LAST_LINES:])

    def stop(self) -> None:
        """End the container at once: nothing that it stores is needed again."""
        with contextlib.suppress(DockerException, OSError):
            self._container.stop()


def settings() -> dict[str, str]:
    """Return what the node in the container is told; the image formats its storage by itself."""
    return {
        **SETTINGS,
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{CONTROLLER}",
        "listeners": f"STUDENT://:{STUDENT},GRADER://:{GRADER},"
        f"INTERNAL://{LOOPBACK}:{INTERNAL},CONTROLLER://{LOOPBACK}:{CONTROLLER}",
        "listener.security.protocol.map": "STUDENT:PLAINTEXT,GRADER:PLAINTEXT,INTERNAL:PLAINTEXT,"
        "CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "INTERNAL",
        "log.dirs": "/tmp/kafka-data",  # noqa: S108 - in the container
        "heap.opts": HEAP,
        "jvm.performance.opts": JVM_OPTIONS,
    }


def prepare(say: Callable[[str], None]) -> None:
    """Have the image on the engine, so that no grading waits for it in silence.

    Raises:
        BrokerError: No engine answers, or the image cannot be had.
    """
    engine = engine_address()
    with explained(engine):
        require_socket(engine)
        image = testcontainers_config.hub_image_name_prefix + IMAGE
        with contextlib.closing(DockerClient().client) as client:
            try:
                client.images.get(image)
            except ImageNotFound:
                say(f"Fetching the image {image} (once) …")
                client.images.pull(image)


def engine_address() -> str:
    """Return where the engine is: as named, else Docker's default, else at the first usual place."""
    if named := get_docker_host():
        return named
    places = {
        "runtime": os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}"),
        "home": str(Path.home()),
    }
    found = [path for each in SOCKETS if (path := Path(each.format(**places))).is_socket()]
    if Path(DEFAULT_SOCKET).exists() or not found:
        return f"unix://{DEFAULT_SOCKET}"
    os.environ["DOCKER_HOST"] = f"unix://{found[0]}"
    return os.environ["DOCKER_HOST"]


def require_socket(engine: str) -> None:
    """Raise `OSError` where an engine of this machine has no socket."""
    path = engine.removeprefix("unix://")
    if path != engine and not Path(path).is_socket():
        raise FileNotFoundError(f"There is no socket {path}.")


@contextlib.contextmanager
def explained(engine: str) -> Iterator[None]:
    """Turn what the engine, or the way to it, refuses into a sentence with its cure."""
    try:
        yield
    except ImageNotFound as error:
        raise BrokerError(
            f"The image {IMAGE} is not on the engine at {engine} and cannot be fetched.",
            cure=f"Run `docker pull {IMAGE}` where the network lets you, or leave --broker out.",
            detail=str(error),
        ) from error
    except APIError as error:
        raise BrokerError(
            f"The engine at {engine} refused to run a container of {IMAGE}.",
            cure=f"Try `docker run --rm {IMAGE}`; or leave --broker out and go without Docker.",
            detail=str(error.explanation or error),
        ) from error
    except (DockerException, OSError) as error:
        raise BrokerError(
            f"No Docker engine answers at {engine}.",
            cure="Start Docker or Podman's socket, or name one in DOCKER_HOST; or leave --broker out: "
            "the kit's own broker needs no engine.",
            detail=str(error),
        ) from error
