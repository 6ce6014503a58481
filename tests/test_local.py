"""A broker of ours on this machine: whatever it writes is inside its folder, even where it is killed."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaProducer

from grader.broker.local import LocalBroker
from grader.model import Topic

NATIVE = ("lz4", "snappy", "zstd")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalBroker]:
    """Yield a broker whose folder is `broker`."""
    made = LocalBroker(tmp_path / "broker", advertised="127.0.0.1:1", environment={})
    yield made
    made.stop()


@pytest.mark.broker
@pytest.mark.skipif(
    not hasattr(psutil.Process, "memory_maps"), reason="this system does not say what a process has mapped"
)
def test_the_libraries_that_unpack_batches_are_put_into_its_folder(
    broker: LocalBroker, tmp_path: Path
) -> None:
    broker.topics().make_anew([Topic("packed", 1, {"compression.type": "gzip"})])
    for codec in NATIVE:
        with KafkaProducer(bootstrap_servers=broker.servers, compression_type=codec) as producer:
            producer.send("packed", b"x" * 1_000).get(timeout=10)
    mapped = {Path(each.path) for each in psutil.Process(broker.pid).memory_maps()}
    for codec in NATIVE:
        (library,) = [path for path in mapped if codec in path.name]
        assert tmp_path / "broker" in library.parents
    assert not any("hsperfdata" in str(path) for path in mapped)
