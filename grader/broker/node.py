"""One process of Kafka: settings, start, readiness by protocol, stop.

A node's data folder needs no format run: `meta.properties` with a random `directory.id` is all
that a KRaft node of one fixed voter asks for (the low, reserved ids are refused for ever).
"""

import base64
import os
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.broker import aot, request_log
from grader.broker.jars import jars
from grader.broker.java import java
from grader.broker.wire import api_versions, fetch_producer_ids
from grader.errors import BrokerError, EvidenceError

HOST = "127.0.0.1"
START_LIMIT_S = 60.0
STOP_LIMIT_S = 10.0
FENCE_LIMIT_S = 10.0
LAST_LINES = 12

# One small node on a machine of two cores: few threads, small buffers, nothing deleted by age,
# internal topics of one partition and one replica.
SETTINGS: Mapping[str, str] = {
    "auto.create.topics.enable": "false",
    "num.network.threads": "1",
    "num.io.threads": "2",
    "background.threads": "1",
    "num.recovery.threads.per.data.dir": "1",
    "log.cleaner.enable": "false",
    "log.cleaner.dedupe.buffer.size": "1048577",
    "log.retention.ms": "-1",
    "log.index.size.max.bytes": "1048576",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # Nobody else's records are worth waiting for: five steps of a start would each wait for 25 ms.
    "controller.quorum.append.linger.ms": "0",
    "listener.security.protocol.map": "STUDENT:PLAINTEXT,GRADER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "GRADER",
}


def random_uuid() -> str:
    """Return an id as Kafka writes them: 16 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


def free_ports(count: int) -> tuple[int, ...]:
    """Return ports that were free a moment ago; a start that loses the race is tried again."""
    held = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = tuple(server.getsockname()[1] for server in held)
    for server in held:
        server.close()
    return ports


@dataclass
class Node:
    """One Kafka process in a folder of its own.

    Args:
        folder: Made by `launch`; holds settings, data, logs.
        settings: Kafka's broker settings, by their names in its reference, over `SETTINGS`.
        environment: Variables of the process, the reaper's mark among them.
    """

    folder: Path
    settings: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    cluster_id: str = field(default_factory=random_uuid)
    jvm_options: tuple[str, ...] | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def request_log(self) -> Path:
        """The file to which the node writes a line for each completed request."""
        return self.folder / "requests.log"

    @property
    def output(self) -> Path:
        """The file of the node's own log."""
        return self.folder / "server.log"

    @property
    def data(self) -> Path:
        """The folder of what the node stores; a partition has a folder there, `topic-number`."""
        return self.folder / "data"

    def launch(self) -> None:
        """Start the process and return at once; one that was stopped finds what it had stored."""
        if not self.data.exists():
            self._fill_folder()
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", **self.environment},
                start_new_session=True,
            )

    def _fill_folder(self) -> None:
        self.data.mkdir(parents=True)
        (self.data / "meta.properties").write_text(
            f"version=1\ncluster.id={self.cluster_id}\n"
            f"node.id={self.settings['node.id']}\ndirectory.id={random_uuid()}\n"
        )
        merged = {**SETTINGS, **self.settings, "log.dirs": str(self.data)}
        text = "".join(f"{name}={value}\n" for name, value in merged.items())
        (self.folder / "server.properties").write_text(text)
        (self.folder / "log4j2.properties").write_text(request_log.LOG_SETTINGS)

    def _command(self) -> list[str]:
        options = aot.options() if self.jvm_options is None else self.jvm_options
        return [
            str(java().path),
            *options,
            # Where libraries that unpack compressed batches are put; whoever is killed removes nothing.
            f"-Djava.io.tmpdir={self.folder}",
            "-cp",
            os.pathsep.join(str(jar) for jar in jars()),
            "-Dlog4j2.configurationFile=log4j2.properties",
            "kafka.Kafka",
            "server.properties",
        ]

    def await_answer(self, port: int) -> None:
        """Wait until the node answers Kafka's protocol on `port`.

        Raises:
            BrokerError: It ended, or did not answer within `START_LIMIT_S`.
        """
        deadline = time.monotonic() + START_LIMIT_S
        while not api_versions(HOST, port, client_id="grader-ready"):
            self.check_alive()
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"Kafka did not answer on {HOST}:{port} within {START_LIMIT_S:.0f} s.",
                    cure="Close programs that take all of the processor, then grade again.",
                    detail=self.last_lines(),
                )
            time.sleep(0.005)  # nothing can be waited on before the port is bound
        fetch_producer_ids(HOST, port, client_id="grader-ready")

    def fence(self, port: int) -> None:
        """Send a request to the students' listener, at `port`, and wait until the request log shows it.

        The listener has one network thread, which logs in order: what came before is logged, too.

        Raises:
            BrokerError: The process is gone.
            EvidenceError: It does not answer, or the log stops short.
        """
        name = f"fence-{uuid.uuid4().hex}"
        self.check_alive()
        if not api_versions(HOST, port, client_id=name):
            self.check_alive()
            raise EvidenceError("The broker no longer answers; its request log cannot be completed.")
        deadline = time.monotonic() + FENCE_LIMIT_S
        while not request_log.ends_with(self.request_log, name):
            if time.monotonic() > deadline:
                raise EvidenceError("The broker's request log stopped short of the end of the run.")
            time.sleep(0.002)  # the line follows its answer within a millisecond

    def check_alive(self) -> None:
        """Raise `BrokerError` with the last lines when the process is gone."""
        if self.process is not None and self.process.poll() is not None:
            raise BrokerError(
                f"The Kafka broker ended by itself (code {self.process.returncode}).",
                cure="Grade again; `make doctor` looks for what this machine lacks.",
                detail=self.last_lines(),
            )

    def last_lines(self) -> str:
        """Return the end of the node's own log."""
        try:
            lines = self.output.read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-LAST_LINES:])

    def may_start_again(self) -> bool:
        """Whether the node ended of a cause that another try mends: a port taken, a cache refused."""
        output = self.output.read_text(errors="replace")
        if aot.was_refused(output):
            aot.discard()
            return True
        return "Address already in use" in output

    def stop(self, *, gently: bool = False) -> None:
        """End the process and wait for it; `gently` lets it close its files and write its cache."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM if gently else signal.SIGKILL)
        try:
            self.process.wait(START_LIMIT_S if gently else STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_LIMIT_S)
