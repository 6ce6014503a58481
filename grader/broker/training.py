"""Make the ahead-of-time cache: start Kafka once, use it as a grading does, stop it gently."""

import contextlib
import fcntl
from collections.abc import Iterator, Mapping
from pathlib import Path

from kafka import KafkaProducer
from kafka.errors import KafkaError

from grader.broker import aot
from grader.broker.local import settings
from grader.broker.node import HOST, Node, free_ports
from grader.broker.topics import Topics
from grader.errors import BrokerError
from grader.model import Topic

RECORDS = 50
DELIVERY_S = 20
# Beyond the cache itself, the virtual machine writes the log of the training run first.
NEEDED_BYTES = 300_000_000


def needed() -> bool:
    """Whether a cache can be made and is not there yet."""
    path = aot.cache_path()
    return path is not None and not path.exists()


def train(folder: Path, environment: Mapping[str, str]) -> None:
    """Make the cache, unless another process has made it meanwhile.

    A failure is no failure of a grading: Kafka then starts without a cache, as it does now.

    Args:
        folder: A folder of the grading, for the broker; removed by whoever gave it.
    """
    path = aot.cache_path()
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.with_name("lock")):
        if path.exists():
            return
        part = path.with_suffix(".part")
        for left in path.parent.glob("*.part*"):  # of a training run that was killed
            left.unlink(missing_ok=True)
        with contextlib.suppress(BrokerError, KafkaError, OSError):
            _run_once(folder, environment, part)
            part.rename(path)
        part.unlink(missing_ok=True)


def _run_once(folder: Path, environment: Mapping[str, str], output: Path) -> None:
    ports = free_ports(3)
    node = Node(
        folder,
        settings(ports, f"{HOST}:{ports[0]}"),
        environment,
        jvm_options=aot.training_options(output),
    )
    try:
        node.launch()
        node.await_answer(ports[1])
        _use(f"{HOST}:{ports[0]}", f"{HOST}:{ports[1]}")
        node.stop(gently=True)
    finally:
        node.stop()


def _use(student: str, grader: str) -> None:
    topics = Topics(grader)
    topics.make_anew([Topic("test_topic", 3)])
    with contextlib.closing(KafkaProducer(bootstrap_servers=student)) as producer:
        for number in range(RECORDS):
            producer.send("test_topic", b"value", key=b"%d" % number).get(DELIVERY_S)
    topics.read(["test_topic"])
    topics.make_anew([])
    topics.close()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock against other processes that would make the same cache."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
