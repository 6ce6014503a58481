"""Brokers that stay: one on localhost:9092 for programs run by hand, a spare one for the next grading.

They share nothing. A grading makes and deletes topics of fixed names, and believes that all it finds was
written by its run: on one broker it would delete what a student has sent by hand, and a program left
running there could write into what is graded. What is known of each stands in a file of the user's cache;
nothing else is needed to find it again.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from grader.broker import aot
from grader.broker.jars import cache_folder, jars
from grader.broker.java import java
from grader.broker.local import settings
from grader.broker.node import HOST, SETTINGS, Node, free_ports
from grader.broker.request_log import LOG_SETTINGS
from grader.broker.wire import api_versions
from grader.errors import BrokerError

HAND_PORT = 9092
HAND, SPARE = "hand", "spare"
STOP_LIMIT_S = 15.0
# A grading of one exercise beside both of them; where there is less, no spare one is started.
MEMORY_FOR_SPARE_BYTES = 1_000_000_000
CURE_TAKEN = "Stop what listens there, or see who it is with `make doctor`."


@dataclass(frozen=True)
class State:
    """What is known of a broker that stays.

    Attributes:
        born: The process's start time as the kernel states it: a process id alone is used again.
        kind: Stands for the Java, jars and settings that it was started with.
        advertised_port: Where programs reach it: localhost:9092, or the relay of whoever grades.
    """

    pid: int
    born: str
    kind: str
    folder: str
    student_port: int
    grader_port: int
    advertised_port: int

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
    """Return where brokers that stay keep their data and what is known of them."""
    return cache_folder() / "broker"


def kind() -> str:
    """Return what stands for the Java, the jars and the settings that a broker is started with now."""
    parts = [str(java().path), java().release, *map(str, jars()), *aot.BASE, LOG_SETTINGS]
    parts += [f"{name}={value}" for name, value in SETTINGS.items()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def status(name: str = HAND) -> State | None:
    """Return a broker that stays, if it lives."""
    state = _known(name)
    return state if state is not None and state.is_alive() else None


def start(hand_port: int = HAND_PORT) -> State:
    """Start the brokers that stay, or return the one for programs run by hand if it runs.

    Raises:
        BrokerError: The port is taken, or Kafka did not start.
    """
    with held(HAND):
        running = status(HAND)
        if running is not None:
            return running
        _check_free(hand_port)
        with contextlib.ExitStack() as undo:
            launched = {HAND: _launched(HAND, hand_port, undo)}
            roomy = psutil.virtual_memory().available > MEMORY_FOR_SPARE_BYTES
            if roomy and status(SPARE) is None:
                launched[SPARE] = _launched(SPARE, free_ports(1)[0], undo)
            for node, state in launched.values():
                node.await_answer(state.grader_port)
            undo.pop_all()
        for name, (_, state) in launched.items():
            _note(name, state)
        return launched[HAND][1]


def _launched(name: str, advertised_port: int, undo: contextlib.ExitStack) -> tuple[Node, State]:
    folder = home() / name
    shutil.rmtree(folder, ignore_errors=True)
    student, grader, controller = free_ports(3)
    host = HOST
    if name == HAND:  # programs dial it; in front of the spare one stands a relay
        student, host = advertised_port, "localhost"
    node = Node(folder, settings((student, grader, controller), f"{host}:{advertised_port}"))
    node.launch()
    undo.callback(node.stop)
    assert node.process is not None
    pid = node.process.pid
    return node, State(pid, _born(pid), kind(), str(folder), student, grader, advertised_port)


def stop() -> bool:
    """End the brokers that stay and remove their data; return whether there was one for programs run by hand.

    A grading that is using the spare one ends with an error, and no point lost.
    """
    with held(HAND):
        running = status(HAND) is not None
        for name in (HAND, SPARE):
            state = _known(name)
            if state is not None and _born(state.pid) == state.born:
                _end(state)
            shutil.rmtree(home() / name, ignore_errors=True)
            (home() / f"{name}.json").unlink(missing_ok=True)
        return running


def _known(name: str) -> State | None:
    try:
        known: Mapping[str, str] = json.loads((home() / f"{name}.json").read_text(encoding="utf-8"))
        return State(**known)  # type: ignore[arg-type]
    except (OSError, ValueError, TypeError):
        return None


def _note(name: str, state: State) -> None:
    part = home() / f"{name}.json.part"
    part.write_text(json.dumps(dataclasses.asdict(state)), encoding="utf-8")
    part.rename(home() / f"{name}.json")


def _end(state: State) -> None:
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_LIMIT_S
    while _born(state.pid) == state.born:
        if time.monotonic() > deadline:
            os.kill(state.pid, signal.SIGKILL)
            break
        time.sleep(0.01)
    with contextlib.suppress(ChildProcessError):  # it is a child only of the process that started it
        os.waitpid(state.pid, 0)


@contextlib.contextmanager
def held(name: str, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a broker that stays: one start, stop or grading at a time.

    Raises:
        BlockingIOError: Somebody else holds it, and `wait` is not set.
    """
    home().mkdir(parents=True, exist_ok=True)
    with (home() / f"{name}.lock").open("w") as file:
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
