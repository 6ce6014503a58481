"""From a standing start to the first acknowledged record: the kit's own broker, and Kafka in a container.

    python -m tests.docker.engine python benchmarks/first_record.py [ROUNDS]

Both are warm: the cache of the fast start is made, the image is on the engine, and one start of each is not
counted. They take turns, so that whatever else the machine does falls on both.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kafka import KafkaProducer

from grader.broker import Broker, training
from grader.broker.docker import DockerBroker
from grader.broker.local import LocalBroker
from grader.model import Topic

ROUNDS = 7
ADVERTISED = "127.0.0.1:1"
MOST_OF_THE_CONTAINERS = 0.35  # what the local start may take of the container's

Start = Callable[[Path], Broker]


def local(folder: Path) -> Broker:
    """Start the kit's own broker."""
    return LocalBroker(folder, advertised=ADVERTISED, environment={})


def container(folder: Path) -> Broker:
    """Start Kafka in a container."""
    return DockerBroker(folder, advertised=ADVERTISED)


def first_acknowledged_s(start: Start) -> float:
    """Return how long a broker takes from nothing to its first acknowledged record."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        broker = start(Path(folder) / "broker")
        try:
            topics = broker.topics()
            topics.make_anew([Topic("orders", 1)])
            producer = KafkaProducer(bootstrap_servers=broker.servers)
            producer.send("orders", b"first").get(30)
            taken = time.monotonic() - begin
            producer.close()
            topics.close()
        finally:
            broker.stop()
        return taken


def main(rounds: int) -> int:
    """Measure, print one line of JSON, and say whether the local start is short enough."""
    with tempfile.TemporaryDirectory() as folder:
        training.train(Path(folder) / "training", {})
    ways = {"local": local, "container": container}
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, start in ways.items():
            seconds = first_acknowledged_s(start)
            if number:
                taken[name].append(seconds)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    ratio = medians["local"] / medians["container"]
    row = {
        "benchmark": "first acknowledged record",
        "rounds": rounds,
        **{f"{name}_s": round(value, 2) for name, value in medians.items()},
        **{
            f"{name}_range_s": [round(min(values), 2), round(max(values), 2)]
            for name, values in taken.items()
        },
        "local_of_container": round(ratio, 2),
        "at_most": MOST_OF_THE_CONTAINERS,
    }
    print(json.dumps(row))
    return int(ratio > MOST_OF_THE_CONTAINERS)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS))
