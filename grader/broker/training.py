"""Make the cache of the fast start: start Kafka once, use it as a grading does, stop it gently."""

import contextlib
import fcntl
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.broker import aot
from grader.broker.local import settings
from grader.broker.node import HOST, Node, free_ports
from grader.errors import BrokerError
from grader.model import Topic

RECORDS = 50
DELIVERY_S = 20
# Beyond the cache itself, the virtual machine writes the log of the training run first.
NEEDED_BYTES = 300_000_000
# A cache, of 70 MB, is of one Java and one set of jars. One that was not read for so long has gone with them.
UNUSED_S = 30 * 24 * 3600.0


def needed() -> bool:
    """Whether a cache can be made and is not there yet; one that came to nothing is not tried again."""
    path = aot.cache_path()
    if path is None or path.exists() or in_vain(path).exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(path.parent).free > NEEDED_BYTES


def in_vain(path: Path) -> Path:
    """Return the file that says that this Java, run with these jars, leaves no cache at `path`."""
    return path.with_suffix(".in-vain")


def train(folder: Path, environment: Mapping[str, str]) -> None:
    """Make the cache, unless another process has made it meanwhile.

    A failure is no failure of a grading: Kafka then starts without a cache, as it does now.

    Args:
        folder: A folder of the grading, for the broker; removed by whoever gave it.
    """
    from kafka.errors import KafkaError

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
        for other in _unused(path.parent):
            other.unlink(missing_ok=True)
        with contextlib.suppress(BrokerError, KafkaError, OSError):
            ended_by_itself = _run_once(folder, environment, part)
            if ended_by_itself and not part.exists():  # such as a Java without an archive of its own classes
                in_vain(path).touch()
            part.rename(path)
        part.unlink(missing_ok=True)


def _unused(folder: Path) -> Iterator[Path]:
    for each in (*folder.glob(f"*{aot.AOT}"), *folder.glob(f"*{aot.ARCHIVE}")):
        with contextlib.suppress(FileNotFoundError):
            stamp = each.stat()
            if time.time() - max(stamp.st_atime, stamp.st_mtime) > UNUSED_S:
                yield each


def _run_once(folder: Path, environment: Mapping[str, str], output: Path) -> bool:
    """Return whether Kafka came to its end by itself; on a machine too busy it is killed while it writes."""
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
        return node.process is not None and node.process.returncode != -signal.SIGKILL
    finally:
        node.stop()


def _use(student: str, grader: str) -> None:
    from kafka import KafkaProducer

    from grader.broker.topics import Topics

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
