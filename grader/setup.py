"""What must be there before the first grading: Kafka's jars, and the cache of its fast start."""

from collections.abc import Callable

from grader.broker import jars, training
from grader.reaper import Reaper


def prepare(broker: str, say: Callable[[str], None]) -> None:
    """Fetch what is missing, once per user; where all is there this takes milliseconds.

    Raises:
        SetupError: Jars or Java cannot be had; the message says what mends it.
    """
    if broker == "docker":
        from grader.broker import docker

        docker.prepare(say)
    if broker != "local":
        return
    jars.jars(say)
    if training.needed():
        say("Preparing Kafka for fast starts (once, about 10 s) …")
        with Reaper.start() as reaper:
            training.train(reaper.root / "training", reaper.environment)
