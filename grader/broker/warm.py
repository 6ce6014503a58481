"""A broker that stays: on localhost:9092 for programs run by hand, and warm for the next grading.

It has one listener more than a grading's own broker: HAND, which programs reach at localhost:9092.
STUDENT stays the grading's, advertised at a relay's address that whoever grades binds for the time.
What is known of it stands in a file of the user's cache; nothing else is needed to find it again.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.broker.jars import cache_folder
from grader.broker.local import settings
from grader.broker.node import HOST, Node, free_ports
from grader.broker.wire import api_versions
from grader.errors import BrokerError

HAND_PORT = 9092
STOP_LIMIT_S = 15.0
CURE_TAKEN = "Stop what listens there, or see who it is with `python -m grader doctor`."


@dataclass(frozen=True)
class State:
    """What is known of a broker that stays.

    Attributes:
        born: The process's start time as the kernel states it: a process id alone is used again.
        relay_port: Where STUDENT is advertised; bound by whoever grades.
    """

    pid: int
    born: str
    folder: str
    student_port: int
    grader_port: int
    relay_port: int
    hand_port: int

    @property
    def servers(self) -> str:
        """Bootstrap servers for the grader's own clients."""
        return f"{HOST}:{self.grader_port}"

    def is_alive(self) -> bool:
        """Whether the process is the one that was started, and answers."""
        return _born(self.pid) == self.born and api_versions(
            HOST, self.grader_port, client_id="grader-ready", limit_s=2.0
        )


def home() -> Path:
    """Return where the broker that stays keeps its data and its state."""
    return cache_folder() / "broker"


def status() -> State | None:
    """Return the broker that stays, if it lives."""
    try:
        state = State(**json.loads((home() / "state.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return state if state.is_alive() else None


def start(hand_port: int = HAND_PORT) -> State:
    """Start a broker that stays, or return the one that runs.

    Raises:
        BrokerError: The port is taken, or Kafka did not start.
    """
    with held():
        running = status()
        if running is not None:
            return running
        shutil.rmtree(home() / "data", ignore_errors=True)
        _check_free(hand_port)
        student, grader, controller, relay = free_ports(4)
        options = settings((student, grader, controller), f"{HOST}:{relay}")
        options["listeners"] += f",HAND://{HOST}:{hand_port}"
        options["advertised.listeners"] += f",HAND://localhost:{hand_port}"
        options["listener.security.protocol.map"] = ",".join(
            f"{name}:PLAINTEXT" for name in ("STUDENT", "GRADER", "CONTROLLER", "HAND")
        )
        node = Node(home() / "data", options)
        node.launch()
        assert node.process is not None
        try:
            node.await_answer(hand_port)
        except BaseException:
            node.stop()
            raise
        pid = node.process.pid
        state = State(pid, _born(pid), str(node.folder), student, grader, relay, hand_port)
        part = home() / "state.json.part"
        part.write_text(json.dumps(dataclasses.asdict(state)), encoding="utf-8")
        part.rename(home() / "state.json")
        return state


def stop() -> bool:
    """End the broker that stays and remove its data; return whether there was one."""
    with held():
        running = status()
        if running is not None:
            _end(running)
        shutil.rmtree(home() / "data", ignore_errors=True)
        (home() / "state.json").unlink(missing_ok=True)
        return running is not None


def _end(state: State) -> None:
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT_S
    while _born(state.pid) == state.born:
        with contextlib.suppress(ChildProcessError):  # it is a child only of the process that started it
            os.waitpid(state.pid, os.WNOHANG)
        if time.monotonic() > deadline:
            os.kill(state.pid, signal.SIGKILL)
            return
        time.sleep(0.01)


@contextlib.contextmanager
def held(*, wait: bool = True) -> Iterator[None]:
    """Hold the lock of the broker that stays: one grading, or one start or stop, at a time.

    Raises:
        BlockingIOError: Somebody else holds it, and `wait` is not set.
    """
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def _check_free(port: int) -> None:
    if api_versions(HOST, port, client_id="grader-ready", limit_s=1.0):
        raise BrokerError(f"Another Kafka broker already answers on localhost:{port}.", cure=CURE_TAKEN)


def _born(pid: int) -> str:
    """Return a process's start time, or nothing when there is no such process."""
    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.Error:
        return ""
